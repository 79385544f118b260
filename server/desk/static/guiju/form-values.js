// Values as people read them: choice labels, link titles, grouped numbers, Yes and No; and as inputs take them.
import { Exact, number, round } from "./expressions.js";
import { plainText } from "./rich-text.js";

// The text of an input: exact numbers travel as {"$n": "12.50"}.
export function plain(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return "$n" in value ? value.$n : JSON.stringify(value);
}

const GROUPED = /^[+-]?\d{1,3}([, ])\d{3}(\1\d{3})*(\.\d*)?$/;

// A number as people type it, as the server reads it: commas and blanks between thousands only, full-width digits too. Else null.
export function readNumber(text) {
  const typed = text.normalize("NFKC").trim();
  return Exact.parse(GROUPED.test(typed) ? typed.replace(/[, ]/g, "") : typed);
}

// A decimal with its places, grouped; whole numbers stay as they are typed (a year is no amount).
export function display(value, field) {
  const text = plain(value);
  if (field.precision === undefined || text === "") return text;
  const found = number(value) || readNumber(text);
  if (!found) return text;
  let [whole, part = ""] = round(found, field.precision).toString().split(".");
  whole = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  part = field.fieldtype === "Float" ? part.replace(/0+$/, "") : part.padEnd(field.precision, "0");
  return part ? `${whole}.${part}` : whole;
}

// `row` is what the field stands in, where that is not the record itself.
export function readable(form, field, value, row = form.record) {
  if (field.widget === "check") return form.texts[Number(plain(value)) ? "yes" : "no"];
  if (value === null || value === undefined || value === "") return "";
  if (field.choices) return (field.choices.find(([key]) => key === plain(value)) || [plain(value), plain(value)])[1];
  if (field.widget === "link") return form.titles.get(`${field.options}/${value}`) || String(value);
  if (field.widget === "dynamic-link") return form.titles.get(`${row[field.options]}/${value}`) || String(value);
  if (field.widget === "editor" || field.widget === "html-editor") return plainText(value);
  if (field.widget === "signature") return value.name || "✓";
  if (field.widget === "attach" || field.widget === "attach-image") return fileName(value);
  return display(value, field) + (field.fieldtype === "Percent" ? " %" : "");
}

// What stands in a closed field; a dash where there is nothing.
export function tell(output, text) {
  output.textContent = text || "—";
  output.classList.toggle("nothing", !text);
}

export function fileName(address) {
  return decodeURIComponent(String(address).split("/").pop());
}

// Number inputs show grouped places while nobody types in them, and the bare number while somebody does. It is selected,
// as Tab selects it: setting the value would leave the caret behind the old number, and what is typed next would be added to it.
export function formatNumbers(root, fieldOf) {
  root.addEventListener("focusin", ({ target }) => {
    if (!target.classList?.contains("number") || fieldOf(target)?.precision === undefined || !target.value.includes(",") || !readNumber(target.value)) return;
    target.value = readNumber(target.value).toString();
    target.select();
  });
  root.addEventListener("focusout", (event) => {
    const field = event.target.classList?.contains("number") && fieldOf(event.target);
    if (field) event.target.value = display(event.target.value.trim() || null, field);
  });
}
