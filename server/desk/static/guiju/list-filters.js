// The filter builder: a field offers its own operators, and a value the editor of its kind. Without this script every row is plain text.
import { offer } from "./offers.js";

const DATED = ["date", "datetime"];
let menu, rows, known, fixed, empty; // of the conditions that are open; a page has one place for them

function part(row, name) { return row.querySelector(`[name="${name}"]`); }

function showOperators(row) {
  const field = known.get(part(row, "f").value);
  const select = part(row, "o");
  for (const option of select.options) option.hidden = option.disabled = Boolean(field) && !field.operators.includes(option.value);
  if (select.selectedOptions[0]?.disabled) select.value = [...select.options].find((option) => !option.disabled)?.value || "";
}

// The editor that fits the field and the operator, holding what the one before held where that makes sense.
function showEditor(row, keep) {
  const field = known.get(part(row, "f").value);
  const operator = part(row, "o").value;
  const old = part(row, "v");
  const value = keep ? old.value : "";
  const made = editor(field, operator, value);
  made.id = old.id;
  made.name = "v";
  old.replaceWith(made);
  row.querySelector("[data-second]")?.remove();
  row.querySelector(".filter-value > .field-error").hidden = true; // it was said of the input that went
  if (operator === "between" && DATED.includes(field?.kind)) addSecond(row, made, field, value);
  if (made.dataset.offers) offer(made);
}

function editor(field, operator, value) {
  const choices = fixed[operator] || (["=", "!="].includes(operator) ? field?.choices : null);
  if (choices) return select(choices, value);
  const input = Object.assign(document.createElement("input"), { value, autocomplete: "off" });
  if (field?.options && ["=", "!="].includes(operator)) {
    input.setAttribute("list", "filter-offers");
    input.dataset.offers = field.options;
  }
  if (DATED.includes(field?.kind) && !["in", "not in", "between"].includes(operator)) input.dataset.picker = field.kind;
  if (["integer", "decimal"].includes(field?.kind)) input.inputMode = "decimal";
  return input;
}

function select(choices, value) {
  const made = document.createElement("select");
  made.append(...choices.map(([key, text]) => new Option(text, key, false, key === value)));
  return made;
}

// Between two days: two inputs, of which a hidden one sends both.
function addSecond(row, made, field, value) {
  const pair = Object.assign(document.createElement("span"), { className: "filter-pair" });
  pair.dataset.second = "";
  const [first, last] = `${value},`.split(",").map((text) => text.trim());
  const inputs = [first, last].map((text) => Object.assign(document.createElement("input"), { value: text, autocomplete: "off" }));
  const label = row.querySelector(".filter-value label").textContent;
  inputs.forEach((input, index) => {
    input.dataset.picker = field.kind;
    input.setAttribute("aria-label", `${label} ${"①②"[index]}`);
    input.addEventListener("input", () => { made.value = inputs.some((each) => each.value) ? inputs.map((each) => each.value).join(",") : ""; });
  });
  made.type = "hidden";
  pair.append(...inputs);
  made.after(pair);
}

function watch(row) {
  part(row, "f").addEventListener("change", () => { showOperators(row); showEditor(row, false); });
  part(row, "o").addEventListener("change", () => showEditor(row, true));
  const drop = row.querySelector("[data-filter-drop]");
  drop.hidden = false;
  drop.addEventListener("click", () => {
    if (rows.children.length === 1) more();
    row.remove();
    rows.dispatchEvent(new Event("change", { bubbles: true }));
    rows.querySelector("select")?.focus();
  });
  showOperators(row);
  showEditor(row, true);
}

function more() {
  const row = empty.cloneNode(true);
  const number = Math.max(...[...rows.querySelectorAll("[id^=filter-field-]")].map((each) => Number(each.id.split("-").pop()))) + 1;
  for (const label of row.querySelectorAll("label")) {
    const input = row.querySelector(`#${label.htmlFor}`);
    input.id = label.htmlFor = label.htmlFor.replace(/\d+$/, number);
    label.textContent = `${label.textContent.replace(/ \d+$/, "")} ${number}`;
  }
  rows.append(row);
  watch(row);
  return row;
}

// Make the conditions inside an element live.
export function liven(element) {
  menu = element;
  rows = menu.querySelector("[data-filter-rows]");
  const editors = JSON.parse(menu.querySelector("[data-filter-editors]").textContent);
  known = new Map(editors.fields.map((field) => [field.fieldname, field]));
  fixed = editors.fixed;
  empty = rows.lastElementChild.cloneNode(true);
  for (const row of [...rows.children]) watch(row);
  const add = menu.querySelector("[data-filter-more]");
  add.hidden = false;
  add.addEventListener("click", () => part(more(), "f").focus());
}
const here = document.querySelector("[data-filters]");
if (here) liven(here);
