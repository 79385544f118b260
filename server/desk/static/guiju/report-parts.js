// Small pieces of the report builder: inputs under their labels, and questions about a column's JSON.
import { make } from "/static/guiju/builder-parts.js";
export { make };

export const AGGREGATES = ["count", "count_distinct", "sum", "avg", "min", "max"];
let made = 0;

export function under(label, input, className = "rb-field") {
  input.id ||= `rb-${++made}`;
  return make("div", { className }, make("label", { htmlFor: input.id, textContent: label }), input);
}

export function line(label, value, changed, more = {}) {
  const input = make("input", { value: value ?? "", autocomplete: "off", ...more });
  input.addEventListener("change", () => changed(input.value.trim()));
  return label ? under(label, input) : input;
}

// One of [[value, words], ...]; what is not among them is kept and shown as it stands.
export function choice(label, value, choices, changed) {
  const input = make("select");
  const known = choices.some(([key]) => key === (value ?? ""));
  for (const [key, words] of known ? choices : [[value, value], ...choices]) input.append(new Option(words, key, false, key === (value ?? "")));
  input.addEventListener("change", () => changed(input.value));
  return label ? under(label, input) : input;
}

export function check(label, value, changed) {
  const input = make("input", { type: "checkbox", checked: Boolean(value) });
  input.addEventListener("change", () => changed(input.checked));
  return make("label", { className: "rb-check" }, input, make("span", { textContent: label }));
}

export function button(label, pressed, more = {}) {
  const element = make("button", { type: "button", className: "button small", textContent: label, ...more });
  element.addEventListener("click", pressed);
  return element;
}

// Columns

export const keyOf = (path) => path.slice(path.lastIndexOf(".") + 1);

export function column(raw) {
  if (typeof raw === "string") return { kind: "value", path: raw, key: keyOf(raw), raw };
  if ("expr" in raw) return { kind: "expr", path: "", key: raw.key, raw };
  const kind = AGGREGATES.find((name) => name in raw) || "value";
  const path = kind === "value" ? raw.field : raw[kind];
  return { kind, path, key: raw.key || (kind === "value" ? keyOf(path) : `${kind}_${keyOf(path)}`), raw };
}

// The JSON of a column as an object that can be changed; a bare text where nothing more is said.
export function asObject(raw) {
  return typeof raw === "string" ? { field: raw } : raw;
}

export function tidy(raw) {
  for (const [name, value] of Object.entries(raw)) if (value === "" || value === null || value === undefined || value === false || (Array.isArray(value) && !value.length)) delete raw[name];
  const names = Object.keys(raw);
  return names.length === 1 && names[0] === "field" ? raw.field : raw;
}

export function freeKey(drawing, wanted) {
  const taken = new Set((drawing.raw.columns || []).map((raw) => column(raw).key));
  for (const other of drawing.raw.beside || []) for (const raw of other.columns || []) taken.add(column(raw).key);
  const plain = wanted.replace(/[^A-Za-z0-9_]/g, "_");
  if (!taken.has(plain)) return plain;
  for (let n = 2; ; n += 1) if (!taken.has(`${plain}_${n}`)) return `${plain}_${n}`;
}

export const textOf = (label, language) => (label && typeof label === "object" ? label[language] || label.zh || label.en || "" : label || "");
