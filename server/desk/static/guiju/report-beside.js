// Another record type counted beside the report's own: its aggregates, and which of its fields each key and each filter is.
import { conditions } from "/static/guiju/report-conditions.js";
import { AGGREGATES, button, choice, column, freeKey, keyOf, line, make, textOf, tidy } from "/static/guiju/report-parts.js";

const asked = new Map(); // record type -> its groups of fields, or that they are on their way

function groupsOf(drawing, doctype) {
  if (!asked.has(doctype)) {
    asked.set(doctype, []);
    fetch(`/reports/fields/${encodeURIComponent(doctype)}`, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : [])).catch(() => [])
      .then((found) => { asked.set(doctype, found); if (found.length) drawing.draw(); });
  }
  return asked.get(doctype);
}

// The other record type as the conditions see a drawing.
function seen(drawing, other) {
  const groups = groupsOf(drawing, other.ref_doctype).filter((group) => !group.rows || !other.rows || group.rows === other.rows);
  const fields = groups.flatMap((group, number) => group.fields.map((field) => ({ ...field, group, words: number ? `${group.title}: ${field.label}` : field.label })));
  return { words: drawing.words, page: drawing.page, raw: other, groups, fields, field: (path) => fields.find((field) => field.path === path) };
}

// What a column beside is called: by its own label, else by its field and its record type.
export function besideLabel(drawing, other, each) {
  const own = textOf(each.raw.label, drawing.page.language);
  const title = drawing.page.doctypes.find(([name]) => name === other.ref_doctype)?.[1] || other.ref_doctype;
  return own || `${title}: ${seen(drawing, other).field(each.path)?.label || each.path} (${drawing.words[each.kind]})`;
}

export function besideParts(drawing) {
  const { words, raw } = drawing;
  const add = button(`+ ${words.add_beside}`, () => {
    (raw.beside ||= []).push({ ref_doctype: "", columns: [], match: {} });
    drawing.changed();
  });
  return [make("p", { className: "hint", textContent: words.beside_hint }), ...(raw.beside || []).map((other, place) => card(drawing, other, place)), add];
}

function card(drawing, other, place) {
  const { words, raw, page } = drawing;
  const changed = () => drawing.changed();
  const doctype = choice(words.doctype, other.ref_doctype, [["", "—"], ...page.doctypes], (name) => {
    raw.beside[place] = { ref_doctype: name, columns: [{ count: "name", key: freeKey(drawing, "number") }], match: {} };
    changed();
  });
  const remove = button("×", () => { raw.beside.splice(place, 1); if (!raw.beside.length) delete raw.beside; changed(); }, { className: "rb-plus", aria: { label: `${words.remove}: ${words.beside}` } });
  const parts = [make("div", { className: "rb-line" }, doctype, remove)];
  const view = other.ref_doctype ? seen(drawing, other) : null;
  if (view?.fields.length) parts.push(columns(drawing, other, view), matches(drawing, other, view), under(words.where, conditions(view, other.where || [], (found) => { other.where = found; if (!found.length) delete other.where; drawing.changed(false); })));
  return make("div", { className: "rb-beside" }, ...parts);
}

function under(words, ...parts) {
  return make("fieldset", { className: "rb-several" }, make("legend", { textContent: words }), ...parts);
}

function columns(drawing, other, view) {
  const { words } = drawing;
  const lines = other.columns.map((given, place) => {
    const each = column(given);
    const put = (changes) => { other.columns[place] = tidy({ ...given, ...changes }); drawing.changed(); };
    const named = given.label && typeof given.label === "object" ? given.label : { zh: given.label || "", en: "" };
    const label = (language) => (value) => { const found = { ...named, [language]: value }; put({ label: found.zh && found.en && found.zh !== found.en ? found : found.zh || found.en }); };
    const numeric = ["integer", "decimal", "check"].includes(view.field(each.path)?.kind);
    const kinds = AGGREGATES.filter((name) => numeric || !["sum", "avg"].includes(name)).map((name) => [name, words[name]]);
    const again = (kind, path) => {
      const { [each.kind]: _, ...rest } = given;
      const rows = view.field(path)?.group.rows;
      if (rows) other.rows = rows;
      other.columns[place] = { [["sum", "avg"].includes(kind) && !["integer", "decimal", "check"].includes(view.field(path)?.kind) ? "count" : kind]: path, ...rest };
      drawing.changed();
    };
    return make("div", { className: "rb-line" },
      choice(words.field, each.path, view.fields.map((field) => [field.path, field.words]), (path) => again(each.kind, path)), choice(words.show_as, each.kind, kinds, (kind) => again(kind, each.path)),
      line(words.label_zh, named.zh, label("zh")), line(words.label_en, named.en, label("en")), line(words.key, each.key, (key) => put({ key }), { pattern: "[A-Za-z_][A-Za-z0-9_]*" }),
      button("×", () => { other.columns.splice(place, 1); drawing.changed(); }, { className: "rb-plus", aria: { label: `${words.remove}: ${besideLabel(drawing, other, each)}` } }));
  });
  const add = button(`+ ${words.number}`, () => { other.columns.push({ count: "name", key: freeKey(drawing, "number") }); drawing.changed(); });
  return under(words.columns, ...lines, add);
}

// Each key of the report as a field of the other record type; dates may differ in name, so the first date is proposed.
function matches(drawing, other, view) {
  const { words, raw } = drawing;
  const fields = view.fields.filter((field) => field.group.rows === "" || field.group.rows === other.rows).map((field) => [field.path, field.words]);
  const isDate = (field) => ["date", "datetime"].includes(field?.kind);
  const alike = (path) => (view.field(path) || (isDate(drawing.field(path)) ? view.fields.find(isDate) : null))?.path || "";
  const keys = (raw.columns || []).map(column).filter((each) => each.kind === "value");
  other.match ||= {};
  for (const key of Object.keys(other.match)) if (!keys.some((each) => each.key === key)) delete other.match[key];
  const open = keys.filter((each) => !(each.key in other.match) && alike(each.path));
  for (const each of open) other.match[each.key] = alike(each.path);
  if (open.length) drawing.changed(false);
  const lines = keys.map((each) => choice(drawing.field(each.path)?.label || each.key, other.match[each.key] || "", [["", "—"], ...fields], (path) => {
    if (path) other.match[each.key] = path; else delete other.match[each.key];
    drawing.changed(false);
  }));
  const filters = (raw.filters || []).map((given) => (typeof given === "string" ? given : given.field));
  const asks = filters.map((path) => choice(drawing.field(path)?.label || keyOf(path), other.filters?.[path] || "", [["", words.not_filtered], ...fields], (found) => {
    other.filters = { ...other.filters, [path]: found };
    if (!found) delete other.filters[path];
    if (!Object.keys(other.filters).length) delete other.filters;
    drawing.changed(false);
  }));
  const parts = [under(words.match, make("div", { className: "rb-line" }, ...lines))];
  if (asks.length) parts.push(under(words.beside_filters, make("div", { className: "rb-line" }, ...asks)));
  return make("div", {}, ...parts);
}
