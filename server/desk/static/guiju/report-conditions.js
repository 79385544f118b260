// Conditions of a report or of one of its columns: field, operator, value, one below the other.
import { button, choice, line, make } from "/static/guiju/report-parts.js";

export function conditions(drawing, list, changed) {
  const { words, page } = drawing;
  const box = make("div", { className: "rb-conditions" });
  const fields = drawing.groups.filter((group) => !group.rows || group.rows === drawing.raw.rows).flatMap((group, number) => group.fields.map((field) => [field.path, number ? `${group.title}: ${field.label}` : field.label]));
  const draw = () => {
    const lines = list.map((part, place) => {
      const [path, operator, value] = part;
      const set = (index) => (found) => { part[index] = found; if (index < 2) part[2] = index ? (found === "is" ? "set" : part[2]) : ""; changed(list); draw(); };
      const field = drawing.field(path);
      return make("div", { className: "rb-line" },
        choice("", path, fields, set(0)), choice("", operator, page.operators, set(1)), valueInput(drawing, field, operator, value, set(2)),
        button("×", () => { list.splice(place, 1); changed(list); draw(); }, { className: "rb-plus", aria: { label: `${words.remove}: ${field?.label || path}` } }));
    });
    const add = button(`+ ${words.add_condition}`, () => { list.push([fields[0]?.[0] || "name", "=", ""]); changed(list); draw(); });
    box.replaceChildren(...lines, add);
  };
  draw();
  return box;
}

function valueInput(drawing, field, operator, value, changed) {
  const { words } = drawing;
  const named = { aria: { label: words.value } };
  if (operator === "is") return choice("", value || "set", [["set", words.set], ["not set", words["not set"]]], changed);
  const single = operator === "=" || operator === "!=";
  if (single && field?.kind === "check") return choice("", String(value), [["", "—"], ["1", words.yes], ["0", words.no]], (found) => changed(Number(found)));
  if (single && field?.choices.length) return choice("", String(value ?? ""), [["", "—"], ...field.choices], changed);
  if (operator === "in" || operator === "not in") return line("", Array.isArray(value) ? value.join(", ") : value, (found) => changed(found.split(/[,，]/).map((each) => each.trim()).filter(Boolean)), named);
  const numeric = single || /[<>]/.test(operator);
  if (numeric && ["integer", "decimal"].includes(field?.kind)) return line("", value, (found) => changed(found === "" ? "" : Number(found)), { type: "number", step: "any", ...named });
  return line("", value, changed, { type: field?.kind === "date" && numeric ? "date" : "text", ...named });
}
