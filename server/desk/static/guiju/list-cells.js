// Editing in the list: with the mode on, a cell that may be changed becomes its editor. Enter saves and goes down, Tab saves and goes
// on, Escape gives up; a refusal is told at the cell. Saved by the service as from a form, over the version that was read.
import { isInCalendar } from "./form-dates.js";
import { offer } from "./offers.js";

const MODE = "guiju-edit-cells";
const table = document.querySelector("table[data-list]");
const switcher = document.querySelector("[data-edit-cells]");
const editors = switcher ? JSON.parse(switcher.dataset.editCells) : {};
const DATED = ["date", "datetime", "time"];
const OFFERS = "cell-offers";

function editable() { return [...table.querySelectorAll("tbody td[data-field]")].filter((cell) => cell.dataset.field in editors); }

function setMode(on) {
  switcher.setAttribute("aria-pressed", String(on));
  switcher.classList.toggle("is-on", on);
  table.classList.toggle("is-editing", on);
  sessionStorage.setItem(MODE, on ? table.dataset.list : "");
  for (const cell of editable()) {
    cell.classList.toggle("is-editable", on);
    if (on) cell.tabIndex = 0;
    else cell.removeAttribute("tabindex");
  }
}

function address(cell) {
  return `/cell/${encodeURIComponent(table.dataset.list)}/${encodeURIComponent(cell.closest("tr").dataset.name)}`;
}

function make(cell, value) {
  const kind = editors[cell.dataset.field];
  let input;
  if (kind.choices) {
    input = document.createElement("select");
    input.append(new Option("", ""), ...kind.choices.map(([key, text]) => new Option(text, key)));
  } else if (kind.widget === "textarea") input = Object.assign(document.createElement("textarea"), { rows: 3 });
  else {
    input = document.createElement("input");
    input.autocomplete = "off";
    if (DATED.includes(kind.kind)) input.dataset.picker = kind.kind;
    if (["integer", "decimal"].includes(kind.kind)) input.inputMode = "decimal";
    if (kind.options) {
      input.dataset.offers = kind.options;
      input.setAttribute("list", OFFERS);
    }
  }
  input.value = value;
  input.setAttribute("aria-label", cell.dataset.label || cell.dataset.field);
  return input;
}

async function open(cell) {
  if (cell.querySelector(".cell-editor")) return;
  const answer = await fetch(`${address(cell)}?field=${encodeURIComponent(cell.dataset.field)}`, { headers: { Accept: "application/json" } }).catch(() => null);
  const result = answer ? await answer.json().catch(() => ({})) : { message: switcher.dataset.offline };
  const shown = [...cell.childNodes];
  const box = Object.assign(document.createElement("span"), { className: "cell-editor" });
  const say = Object.assign(document.createElement("span"), { className: "field-error", hidden: true });
  say.setAttribute("role", "alert");
  const close = () => { cell.replaceChildren(...shown); cell.focus(); };
  if (!answer?.ok) {
    box.append(say);
    cell.append(box);
    tell(say, result);
    setTimeout(() => box.remove(), 6000);
    return;
  }
  const input = make(cell, result.value);
  box.append(input, say);
  cell.replaceChildren(box);
  if (input.dataset.offers) offer(input);
  input.focus();
  input.select?.();
  let closing = false;
  const save = async (next) => {
    if (closing) return;
    closing = true;
    if (input.value === result.value) { close(); next?.focus(); return; }
    if (await send(cell, input, result.version, say)) next?.focus();
    else closing = false;
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { closing = true; close(); }
    if (event.key === "Enter" && input.tagName !== "TEXTAREA") { event.preventDefault(); save(beside(cell, "down")); }
    if (event.key === "Tab") { event.preventDefault(); save(beside(cell, event.shiftKey ? "back" : "on")); }
  });
  input.addEventListener("focusout", (event) => { if (!isInCalendar(event.relatedTarget)) save(); });
  if (input.tagName === "SELECT") input.addEventListener("change", () => save(cell));
}

function beside(cell, way) {
  const all = editable();
  if (way === "down") {
    const below = cell.closest("tr").nextElementSibling;
    return below?.querySelector(`td[data-field="${cell.dataset.field}"]`) || cell;
  }
  return all[all.indexOf(cell) + (way === "on" ? 1 : -1)] || cell;
}

async function send(cell, input, version, say) {
  const cols = [...table.tHead.querySelectorAll("[data-column]")].map((heading) => heading.dataset.column).filter((name) => name !== "name").join(",");
  const body = new URLSearchParams({ field: cell.dataset.field, value: input.value, version, cols });
  const headers = { Accept: "application/json", "X-CSRF-Token": table.dataset.csrf };
  input.disabled = true;
  const answer = await fetch(address(cell), { method: "POST", body, headers }).catch(() => null);
  const result = answer ? await answer.json().catch(() => ({})) : { message: switcher.dataset.offline };
  input.disabled = false;
  if (!answer?.ok) {
    tell(say, result);
    input.setAttribute("aria-invalid", "true");
    input.focus();
    return false;
  }
  show(cell.closest("tr"), result.cells);
  return true;
}

function tell(say, result) {
  say.hidden = false;
  const faults = (result.faults || []).map((fault) => fault.message);
  say.textContent = [...new Set(faults.length ? faults : [result.message])].join(" ");
}

function show(line, cells) {
  for (const cell of line.querySelectorAll("td[data-field]")) {
    const text = cells[cell.dataset.field];
    if (text === undefined) continue;
    if (Array.isArray(text)) cell.replaceChildren(Object.assign(document.createElement("span"), { className: `pill pill-${text[1]}`, textContent: text[0] }));
    else {
      cell.textContent = text || "";
      cell.title = text || "";
    }
  }
  line.classList.add("is-saved");
  setTimeout(() => line.classList.remove("is-saved"), 1500);
}

if (table && switcher && Object.keys(editors).length) {
  switcher.hidden = false;
  document.body.append(Object.assign(document.createElement("datalist"), { id: OFFERS }));
  switcher.addEventListener("click", () => setMode(switcher.getAttribute("aria-pressed") !== "true"));
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("td.is-editable");
    if (cell && !event.target.closest(".cell-editor")) open(cell);
  });
  table.addEventListener("keydown", (event) => {
    if (event.target.matches("td.is-editable") && ["Enter", "F2"].includes(event.key)) { event.preventDefault(); open(event.target); }
  });
  if (sessionStorage.getItem(MODE) === table.dataset.list) setMode(true);
}
