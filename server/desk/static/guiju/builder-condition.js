// A condition built by choosing field, comparison and value; its text stands beside it. What was written by hand stays text.
import { button, choice, make, said, textInput } from "./builder-parts.js";

const NUMERIC = new Set(["Int", "Float", "Currency", "Percent", "Check", "Duration", "Rating"]);
const FORMS = [
  ["==", (field, value) => `doc.${field} == ${value}`],
  ["!=", (field, value) => `doc.${field} != ${value}`],
  [">", (field, value) => `doc.${field} > ${value}`],
  [">=", (field, value) => `doc.${field} >= ${value}`],
  ["<", (field, value) => `doc.${field} < ${value}`],
  ["<=", (field, value) => `doc.${field} <= ${value}`],
  ["set", (field) => `doc.${field}`],
  ["not set", (field) => `!doc.${field}`],
];
const COMPARED = /^doc\.([A-Za-z_]\w*)\s*(===?|!==?|>=?|<=?)\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?))$/;
const PRESENT = /^(!?)doc\.([A-Za-z_]\w*)$/;

// The parts of a condition that was built here; null for one that only its author understands.
export function readCondition(source) {
  const text = (source || "").replace(/^eval:/, "").replace(/;\s*$/, "").trim();
  if (!text) return [];
  const joint = text.includes("||") ? "||" : "&&";
  const parts = text.split(joint).map((part) => part.trim()).map((part) => {
    const compared = COMPARED.exec(part);
    if (compared) return { field: compared[1], operator: compared[2].replace("===", "==").replace("!==", "!="), value: (compared[3] ?? compared[4] ?? compared[5]).replace(/\\(.)/g, "$1") };
    const present = PRESENT.exec(part);
    return present && { field: present[2], operator: present[1] ? "not set" : "set", value: "" };
  });
  return parts.every(Boolean) ? Object.assign(parts, { isAny: joint === "||" }) : null;
}

export function writeCondition(parts, fields) {
  const written = parts.filter((part) => part.field && (part.value !== "" || part.operator.endsWith("set"))).map((part) => {
    const type = fields.find((field) => field.raw.fieldname === part.field)?.raw.fieldtype;
    const literal = NUMERIC.has(type) && /^-?\d+(\.\d+)?$/.test(part.value) ? part.value : `'${part.value.replace(/[\\']/g, "\\$&")}'`;
    return FORMS.find(([operator]) => operator === part.operator)[1](part.field, literal);
  });
  return written.length ? `eval:${written.join(parts.isAny ? " || " : " && ")}` : "";
}

// The editor of one condition of a field; `changed` hears its text.
export function conditionEditor(label, source, { fields, words, language, changed }) {
  const box = make("fieldset", { className: "builder-condition" }, make("legend", { textContent: label }));
  const parts = readCondition(source);
  const text = textInput(words.condition_text, source || "", changed, { className: "form-control form-control-sm code", placeholder: "eval:doc.…" });
  if (parts === null) { box.append(text); return box; }
  const input = text.querySelector("input");
  const tell = () => { input.value = writeCondition(parts, fields); changed(input.value); };
  const rows = make("div");
  const joint = choice("", parts.isAny ? "any" : "all", [["all", words.condition_all], ["any", words.condition_any]], (value) => { parts.isAny = value === "any"; tell(); });
  joint.setAttribute("aria-label", words.condition_joint);
  const draw = () => {
    rows.replaceChildren(...parts.map((part, index) => row(part, { fields, words, language, tell, remove: () => { parts.splice(index, 1); draw(); tell(); } })));
    if (parts.length > 1) rows.prepend(joint);
    text.hidden = !parts.length;
  };
  draw();
  const add = button(`＋ ${words.condition_add}`, () => { parts.push({ field: "", operator: "==", value: "" }); draw(); rows.lastElementChild.querySelector("select").focus(); });
  box.append(rows, add, text);
  return box;
}

function row(part, { fields, words, language, tell, remove }) {
  const named = fields.filter((field) => field.raw.fieldname && !field.raw.fieldtype.endsWith("Break"));
  const box = make("div", { className: "builder-condition-row" });
  const operators = [["==", words.is], ["!=", words.is_not], [">", words.greater], [">=", words.at_least], ["<", words.less], ["<=", words.at_most], ["set", words.set], ["not set", words.not_set]];
  const draw = () => {
    const which = choice("", part.field, [["", words.choose], ...named.map((field) => [field.raw.fieldname, said(field.raw.label, language) || field.raw.fieldname])], (value) => { part.field = value; draw(); tell(); });
    const how = choice("", part.operator, operators, (value) => { part.operator = value; draw(); tell(); });
    which.setAttribute("aria-label", words.condition_field);
    how.setAttribute("aria-label", words.condition_operator);
    const drop = button("✕", remove, { title: words.remove });
    box.replaceChildren(which, how, ...(part.operator.endsWith("set") ? [] : [valueInput(part, named, { words, language, tell })]), drop);
  };
  draw();
  return box;
}

// The choices of a Select, yes and no of a Check, else free text.
function valueInput(part, fields, { words, language, tell }) {
  const raw = fields.find((field) => field.raw.fieldname === part.field)?.raw;
  const put = (value) => { part.value = value; tell(); };
  let input;
  if (raw?.fieldtype === "Select") {
    const choices = (raw.options || "").split("\n").map((line) => line.trim()).filter(Boolean);
    input = choice("", part.value, [["", words.choose], ...choices.map((value) => [value, said(raw.option_labels?.[value], language) || value])], put);
  } else if (raw?.fieldtype === "Check") {
    input = choice("", part.value, [["", words.choose], ["1", words.yes], ["0", words.no]], put);
  } else {
    input = make("input", { className: "form-control form-control-sm", value: part.value, type: raw?.fieldtype === "Date" ? "date" : "text" });
    input.addEventListener("input", () => put(input.value));
  }
  input.setAttribute("aria-label", words.condition_value);
  return input;
}
