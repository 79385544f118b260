// One column on the canvas: a line to drag or to move by its buttons, and its settings under it.
import { labelOf, moved } from "/static/guiju/report-canvas.js";
import { conditions } from "/static/guiju/report-conditions.js";
import { AGGREGATES, asObject, button, check, choice, column, line, make, tidy } from "/static/guiju/report-parts.js";

export function columnCard(drawing, raw, place, kept) {
  const { words } = drawing;
  const each = column(raw), name = labelOf(drawing, each), list = drawing.raw.columns;
  const said = each.kind === "expr" ? `= ${raw.expr}` : raw.by ? words[raw.by] : each.kind === "value" ? "" : raw.where?.length ? words.only : "";
  const tool = (mark, label, pressed) => button(mark, pressed, { className: "rb-plus", title: label, aria: { label: `${label}: ${name}` } });
  const handle = make("button", { type: "button", className: "rb-handle", textContent: "⠿", dataset: { handle: "" }, aria: { label: `${name} (${place + 1}/${list.length})` } });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) { event.preventDefault(); moved(drawing, list, place, place + step, "[data-handle]"); }
    if (event.key === "Delete") { list.splice(place, 1); drawing.changed(); }
  });
  const open = make("button", { type: "button", className: "rb-name", aria: { expanded: String(kept.column === place) } }, make("span", { textContent: name }), make("small", { className: "muted", textContent: said }));
  open.addEventListener("click", () => { kept.column = kept.column === place ? null : place; drawing.draw(); document.querySelectorAll(".rb-name")[place]?.focus(); });
  const head = make("div", { className: "rb-head" }, handle, open,
    tool("↑", words.up, () => moved(drawing, list, place, place - 1, ".rb-name")), tool("↓", words.down, () => moved(drawing, list, place, place + 1, ".rb-name")),
    tool("×", words.remove, () => { list.splice(place, 1); kept.column = null; drawing.changed(); }));
  return make("li", { className: `rb-column${raw.hidden ? " is-hidden" : ""}` }, head, kept.column === place ? settings(drawing, each, place) : null);
}

function settings(drawing, each, place) {
  const { words, page } = drawing;
  const keep = (changes, redraw = false) => {
    drawing.raw.columns[place] = tidy({ ...asObject(drawing.raw.columns[place]), ...changes });
    drawing.changed(redraw);
  };
  const label = each.raw.label && typeof each.raw.label === "object" ? each.raw.label : { zh: each.raw.label || "", en: "" };
  const named = (language) => (value) => {
    const found = { ...label, [language]: value };
    Object.assign(label, found);
    keep({ label: found.zh && found.en && found.zh !== found.en ? found : found.zh || found.en });
  };
  const parts = [each.kind === "expr" ? null : shownAs(drawing, each, place), line(words.label_zh, label.zh, named("zh")), line(words.label_en, label.en, named("en"))];
  if (each.kind === "expr") {
    parts.push(line(words.expr, each.raw.expr, (expr) => keep({ expr }), { className: "rb-wide", spellcheck: false }));
    parts.push(choice(words.type, each.raw.fieldtype || "Float", page.formula_types.map((type) => [type, type]), (fieldtype) => keep({ fieldtype })));
  }
  parts.push(line(words.key, each.key, (key) => keep({ key }, true), { pattern: "[A-Za-z_][A-Za-z0-9_]*" }));
  if (each.kind !== "value") parts.push(line(words.precision, each.raw.precision ?? "", (value) => keep({ precision: value === "" ? undefined : Number(value) }), { type: "number", min: 0, max: 9 }));
  parts.push(check(words.hidden, each.raw.hidden, (on) => keep({ hidden: on ? 1 : "" }, true)));
  const only = AGGREGATES.includes(each.kind) ? make("div", { className: "rb-only" }, make("span", { className: "muted", textContent: words.only }), conditions(drawing, each.raw.where || [], (found) => keep({ where: found }))) : null;
  return make("div", { className: "rb-settings" }, make("div", { className: "rb-line" }, ...parts), only);
}

// A field as its value (grouped by, dates by a span), or as an aggregate.
function shownAs(drawing, each, place) {
  const { words, page } = drawing;
  const field = drawing.field(each.path), kind = field?.kind || "text";
  const dated = kind === "date" || kind === "datetime";
  const numeric = ["integer", "decimal", "check"].includes(kind);
  const choices = [["value", words.as_value], ...(dated ? page.units.map((unit) => [unit, words[unit]]) : []),
    ...page.aggregates.filter((name) => numeric || !["sum", "avg"].includes(name)).map((name) => [name, words[name]])];
  return choice(words.show_as, each.raw.by || each.kind, choices, (chosen) => {
    const { field: _, by, ...rest } = asObject(drawing.raw.columns[place]);
    for (const name of AGGREGATES) delete rest[name];
    const aggregate = page.aggregates.includes(chosen);
    if (!aggregate) delete rest.where;
    const head = aggregate ? { [chosen]: each.path } : { field: each.path, ...(chosen === "value" ? {} : { by: chosen }) };
    drawing.raw.columns[place] = tidy({ ...head, ...rest, ...(aggregate && !rest.key ? { key: undefined } : {}) });
    drawing.changed();
  });
}
