// The palette of the report builder: the record type, and its fields to drag or to add by a button.
import { button, choice, freeKey, keyOf, make } from "/static/guiju/report-parts.js";

let open = new Set(), wanted = "";

export function drawPalette(drawing, element) {
  const { words, page } = drawing;
  const doctype = choice(words.doctype, drawing.raw.ref_doctype || "", [["", "—"], ...page.doctypes], (value) => {
    drawing.raw.ref_doctype = value;
    for (const name of ["rows", "filters", "where", "order_by", "pivot", "chart", "indicator", "beside"]) delete drawing.raw[name];
    drawing.raw.columns = [];
    open = new Set();
    drawing.changed(false);
    drawing.choose(value);
  });
  doctype.querySelector("select").dataset.doctype = "";
  const search = make("input", { type: "search", value: wanted, placeholder: words.search, className: "rb-search", aria: { label: words.search } });
  const list = make("div", { className: "rb-groups" });
  const filter = () => {
    wanted = search.value.trim().toLowerCase();
    for (const group of list.children) {
      let any = false;
      for (const item of group.querySelectorAll("[data-path]")) {
        item.hidden = Boolean(wanted) && !`${item.textContent} ${item.dataset.path}`.toLowerCase().includes(wanted);
        any ||= !item.hidden;
      }
      group.hidden = !any;
      if (wanted) group.open = any;
    }
  };
  search.addEventListener("input", filter);
  drawing.groups.forEach((group, number) => {
    const items = make("ul", { className: "plain rb-fields" });
    for (const field of group.fields) items.append(item(drawing, field));
    const details = make("details", { className: "rb-group", open: number === 0 || open.has(group.title) }, make("summary", { textContent: group.title }), items);
    details.addEventListener("toggle", () => (details.open ? open.add(group.title) : open.delete(group.title)));
    list.append(details);
    window.Sortable?.create(items, { group: { name: "columns", pull: "clone", put: false }, sort: false, delay: 180, delayOnTouchOnly: true, filter: "button", preventOnFilter: false });
  });
  element.replaceChildren(doctype, ...(drawing.groups.length ? [search, list] : [make("p", { className: "muted", textContent: words.choose })]));
  if (wanted) filter();
}

function item(drawing, field) {
  const { words } = drawing;
  return make("li", { className: "rb-item", dataset: { path: field.path } },
    make("span", { textContent: field.label }),
    button("+", () => addColumn(drawing, field.path), { className: "rb-plus", title: words.add_column, aria: { label: `${words.add_column}: ${field.label}` } }),
    button("▽", () => addFilter(drawing, field), { className: "rb-plus", title: words.add_filter, aria: { label: `${words.add_filter}: ${field.label}` } }));
}

export function addColumn(drawing, path, place = (drawing.raw.columns || []).length) {
  const field = drawing.field(path);
  if (!field || !countRows(drawing, field)) { drawing.draw(); return; }
  const key = freeKey(drawing, keyOf(path));
  (drawing.raw.columns ||= []).splice(place, 0, key === keyOf(path) ? path : { field: path, key });
  drawing.say(drawing.words.added + field.label);
  drawing.changed();
}

function addFilter(drawing, field) {
  if (!countRows(drawing, field)) return;
  const filters = (drawing.raw.filters ||= []);
  if (!filters.some((raw) => (typeof raw === "string" ? raw : raw.field) === field.path)) filters.push(field.path);
  drawing.say(drawing.words.added + field.label);
  drawing.changed();
}

// A column of rows makes the report count rows; of two tables it can count one only.
function countRows(drawing, field) {
  const rows = field.group?.rows ?? drawing.field(field.path).group.rows;
  if (!rows) return true;
  if (drawing.raw.rows && drawing.raw.rows !== rows) { drawing.say(`${drawing.words.rows_used}: ${drawing.raw.rows}`); return false; }
  drawing.raw.rows = rows;
  return true;
}
