// Editors of values by the kind of what they are compared with: number, date, choice, record, role, length of time.
import { button, choice, make } from "./builder-parts.js";
import { chips, picker, recordPicker } from "./rule-picker.js";

const NUMBER = /^-?\d+(\.\d+)?$/;
const LOCAL = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?$/;
const LENGTH = /^\s*(-?\d+(?:\.\d+)?)\s*(min|h|d|w|working hours|working days)\s*$/;

function typed(type, value, put, { label, ...more }) {
  const input = make("input", { className: "form-control form-control-sm", type, value: value ?? "", aria: { label }, autocomplete: "off", ...more });
  input.addEventListener("input", () => put(input.value));
  return input;
}

const number = (text) => (NUMBER.test(text.trim()) ? Number(text) : text);

// One value that is written down.
export function valueEditor(meta, value, put, { page, label }) {
  const { words } = page;
  const labelled = (select) => { select.setAttribute("aria-label", label); return select; };
  if (meta?.roles) return labelled(choice("", value ?? "", [["", words.choose], ...page.roles], put));
  if (meta?.choices) return labelled(choice("", value ?? "", [["", words.choose], ...meta.choices.map(([key, text]) => [typeof key === "number" ? key : key, text])], (chosen) => put(meta.kind === "number" ? number(chosen) : chosen)));
  if (meta?.kind === "check") return labelled(choice("", value === undefined || value === null || value === "" ? "" : Number(value) ? "1" : "0", [["", words.choose], ["1", words.yes], ["0", words.no]], (chosen) => put(chosen === "" ? "" : chosen === "1")));
  if (meta?.link) return recordPicker({ doctype: meta.link, label, value, words, placeholder: words.search_record, free: true, chosen: put });
  if (meta?.kind === "number") return typed("text", value, (text) => put(number(text)), { label, inputMode: "decimal" });
  if (meta?.kind === "date") return typed(/^\d{4}-\d\d-\d\d$/.test(value || "") || !value ? "date" : "text", value, put, { label });
  if (meta?.kind === "time") return typed("time", value, put, { label });
  if (meta?.kind === "datetime" && (!value || LOCAL.test(value))) return typed("datetime-local", (value || "").replace(" ", "T"), (text) => put(text.replace("T", " ")), { label });
  return typed("text", value, put, { label });
}

export function lengthEditor(value, put, { page, label, inWorkingTime = false }) {
  const { words } = page;
  const found = LENGTH.exec(value || "");
  if (value && !found) return typed("text", value, put, { label });
  const units = [["min", words.minutes], ["h", words.hours], ["d", words.days], ["w", words.weeks], ...(inWorkingTime ? [["working hours", words.working_hours], ["working days", words.working_days]] : [])];
  let [amount, unit] = [found?.[1] || "", found?.[2] || "h"];
  const tell = () => put(amount === "" ? "" : `${amount} ${unit}`);
  const select = choice("", unit, units, (chosen) => { unit = chosen; tell(); });
  select.setAttribute("aria-label", words.length);
  return make("div", { className: "rule-pair" }, typed("text", amount, (text) => { amount = text.trim(); tell(); }, { label, inputMode: "decimal" }), select);
}

function momentEditor(meta, value, put, more) {
  const { words } = more.page;
  const mode = ["now", "today"].includes(value) ? value : value ? "at" : "today";
  const box = make("div", { className: "rule-pair" });
  const draw = (chosen) => {
    const select = choice("", chosen, [["today", words.today], ["now", words.now], ["at", words.a_moment]], (next) => { put(next === "at" ? "" : next); draw(next); });
    select.setAttribute("aria-label", more.label);
    box.replaceChildren(select, ...(chosen === "at" ? [valueEditor(meta, ["now", "today"].includes(value) ? "" : value, put, more)] : []));
  };
  if (!value) put("today");
  draw(mode);
  return box;
}

function listEditor(meta, value, put, { page, label }) {
  const values = Array.isArray(value) ? value : [];
  const changed = () => put(values);
  const { words } = page;
  if (!meta?.choices && !meta?.link && !meta?.roles) {
    const read = (text) => text.split(/[,，]/).map((part) => part.trim()).filter(Boolean).map((part) => (meta?.kind === "number" ? number(part) : part));
    return typed("text", values.join(", "), (text) => put(read(text)), { label, placeholder: words.several });
  }
  const choices = meta.roles ? page.roles : meta.choices || [];
  const titleOf = (one) => choices.find(([key]) => key === one)?.[1] || String(one);
  const add = (take) => (meta.link
    ? recordPicker({ doctype: meta.link, label, value: "", words, placeholder: words.add_value, chosen: take })
    : picker({ label, value: "", words, placeholder: words.add_value, options: () => choices.map(([key, text]) => ({ value: key, title: text })), chosen: take }));
  return chips({ label, values, titleOf, add, changed, words });
}

// The right side of a comparison: a value, another field, a formula. `expects` is what the operator takes.
export function operandEditor({ meta, expects, value, put, scope, page, label }) {
  const { words } = page;
  if (expects === "nothing") {
    const select = choice("", value === false ? "no" : "yes", [["yes", words.was_changed], ["no", words.was_not_changed]], (chosen) => put(chosen === "no" ? false : undefined));
    select.setAttribute("aria-label", label);
    return select;
  }
  if (expects === "setness") {
    if (value !== "not set" && value !== "set") put("set");
    const select = choice("", value === "not set" ? "not set" : "set", [["set", words.is_set], ["not set", words.is_not_set]], put);
    select.setAttribute("aria-label", label);
    return select;
  }
  if (expects === "duration") return lengthEditor(typeof value === "string" ? value : "", put, { page, label });
  const box = make("div", { className: "rule-operand" });
  const draw = (mode, current) => {
    const modes = choice("", mode, [["literal", words.value_fixed], ["path", words.value_path], ["expr", words.value_expr]], (next) => {
      const fresh = next === "path" ? { path: "" } : next === "expr" ? { expr: "" } : "";
      put(fresh);
      draw(next, fresh);
    });
    modes.setAttribute("aria-label", `${label}: ${words.value_fixed} / ${words.value_path} / ${words.value_expr}`);
    modes.classList.add("rule-mode");
    box.replaceChildren(modes, body(mode, current));
  };
  const body = (mode, current) => {
    if (mode === "path") return picker({ label, value: current?.path, words, placeholder: words.search_field, options: () => scope.options(), chosen: (path) => put({ path }) });
    if (mode === "expr") return typed("text", current?.expr, (expr) => put({ expr }), { label, placeholder: words.formula, spellcheck: false, className: "form-control form-control-sm code" });
    if (expects === "list") return listEditor(meta, current, put, { page, label });
    if (expects === "pair") return pairEditor(meta, current, put, { page, label });
    if (expects === "moment") return momentEditor(meta, current, put, { page, label });
    if (expects === "percent") return valueEditor({ kind: "number" }, current, put, { page, label });
    return valueEditor(meta, current, put, { page, label });
  };
  const isObject = value && typeof value === "object" && !Array.isArray(value);
  draw(isObject && "path" in value ? "path" : isObject && "expr" in value ? "expr" : "literal", value);
  return box;
}

function pairEditor(meta, value, put, more) {
  const pair = Array.isArray(value) && value.length === 2 ? [...value] : ["", ""];
  const one = (index) => valueEditor(meta, pair[index], (next) => { pair[index] = next; put([...pair]); }, more);
  return make("div", { className: "rule-pair" }, one(0), make("span", { textContent: more.page.words.and }), one(1));
}

// What the form cannot show: kept, and said.
export function keptAsIs(value, page) {
  return make("div", { className: "rule-kept" }, make("span", { textContent: page.words.kept_as_is }), make("code", { textContent: JSON.stringify(value) }));
}

// Buttons that move a part or take it away; Alt with an arrow moves it from the keyboard.
export function tools({ words, up, down, remove }) {
  const small = (text, title, pressed) => button(text, pressed, { className: "btn btn-light btn-sm rule-tool", title, ariaLabel: title });
  return make("span", { className: "rule-tools" }, ...(up ? [small("↑", words.up, up), small("↓", words.down, down)] : []), small("✕", words.remove, remove));
}
