// The canvas: tabs, sections and columns with a card for each field, dragged, chosen and moved by keyboard. And the palette beside it.
import { breakOf } from "./builder-drawing.js";
import { button, make, said } from "./builder-parts.js";

export class Canvas {
  constructor(drawing, element, palette, page) {
    Object.assign(this, { drawing, element, page, words: page.words });
    this.drawPalette(palette);
    element.addEventListener("click", (event) => this.onClick(event));
    element.addEventListener("keydown", (event) => this.onKey(event));
    drawing.listen((what) => (what === "selection" ? this.mark() : this.draw()));
    this.draw();
  }

  drawPalette(palette) {
    this.names = new Map();
    for (const [title, items] of this.page.palette) {
      const list = make("div", { className: "builder-types" });
      for (const [fieldtype, label] of items) {
        this.names.set(fieldtype, label);
        list.append(button(label, () => this.put(fieldtype, label), { className: "builder-type", title: fieldtype, dataset: { type: fieldtype } }));
      }
      palette.append(make("h2", { textContent: title }), list);
      window.Sortable?.create(list, { group: { name: "fields", pull: "clone", put: false }, sort: false });
    }
  }

  // A child table holds neither tables nor breaks: those go after it.
  put(fieldtype, label, more = {}) {
    const { table } = this.drawing.selected;
    const type = this.page.types[fieldtype];
    const outside = table && !("table" in more) && (type.layout || type.rows);
    const owner = outside && this.drawing.main.fields.find((field) => field.raw.options === table);
    this.drawing.add(fieldtype, label, outside ? { table: null, after: owner?.id } : more);
    this.element.querySelector(".is-selected")?.scrollIntoView({ block: "nearest" });
  }

  draw() {
    const { main } = this.drawing;
    const tabs = [];
    let tab, section, column;
    const openTab = (field) => { tabs.push(tab = { field, sections: [] }); openSection(null); };
    const openSection = (field) => { tab.sections.push(section = { field, columns: [] }); openColumn(null); };
    const openColumn = (field) => section.columns.push(column = { field, fields: [] });
    openTab(null);
    for (const field of main.fields) {
      const kind = breakOf(field);
      if (kind === "tab") openTab(field);
      else if (kind === "section") openSection(field);
      else if (kind === "column") openColumn(field);
      else column.fields.push(field);
    }
    const plain = tabs.length === 1;
    const isBlank = (part) => !part.field && !part.columns.some((each) => each.field || each.fields.length);
    this.element.replaceChildren(...tabs.map((each) => this.tab(each, plain, isBlank)));
    this.mark();
  }

  tab(tab, plain, isBlank) {
    const box = make("section", { className: "builder-tab", dataset: { break: tab.field?.id || "" } });
    if (!plain) box.append(this.head(tab.field, "tab", said(tab.field?.raw.label, this.page.language) || this.words.first_tab));
    const shown = tab.sections.filter((section) => tab.sections.length === 1 || !isBlank(section));
    box.append(...shown.map((section) => this.section(section)));
    return box;
  }

  section(section) {
    const box = make("section", { className: "builder-section", dataset: { break: section.field?.id || "" } });
    if (section.field) box.append(this.head(section.field, "section", said(section.field.raw.label, this.page.language) || "—"));
    const columns = make("div", { className: "builder-columns" });
    columns.style.setProperty("--columns", section.columns.length);
    columns.append(...section.columns.map((column) => this.column(column)));
    box.append(columns);
    return box;
  }

  column(column) {
    const box = make("div", { className: "builder-column", dataset: { break: column.field?.id || "" } });
    if (column.field) box.append(this.head(column.field, "column", "⋮"));
    const list = make("ul", { className: "builder-fields", dataset: { empty: this.words.drop_here } }, ...column.fields.map((field) => this.card(field)));
    window.Sortable?.create(list, {
      group: "fields", draggable: ".builder-field", animation: 120, filter: "button, input, .builder-cells", preventOnFilter: false,
      onAdd: (event) => this.onAdd(event, column),
      onEnd: (event) => { if (event.from !== event.to || event.oldIndex !== event.newIndex) this.arranged(); },
    });
    box.append(list);
    return box;
  }

  head(field, kind, label) {
    if (!field) return make("div", { className: `builder-break builder-break-${kind}` }, make("span", { textContent: label }));
    return make("div", { className: `builder-break builder-break-${kind}`, tabIndex: 0, dataset: { id: field.id }, aria: { label: `${this.names.get(field.raw.fieldtype) || field.raw.fieldtype} ${label}` } }, make("span", { textContent: label }));
  }

  card(field) {
    const { raw } = field;
    const label = said(raw.label, this.page.language) || raw.fieldname;
    const type = this.names.get(raw.fieldtype) || raw.fieldtype;
    const card = make("li", { className: `builder-field builder-field-${this.page.types[raw.fieldtype]?.widget || "input"}`, tabIndex: 0, dataset: { id: field.id }, aria: { label: `${label} (${type})` } });
    const title = make("span", { className: "builder-label", textContent: label });
    if (Number(raw.reqd)) title.append(make("span", { className: "builder-star", textContent: "*" }));
    card.append(make("div", { className: "builder-field-head" }, title, make("small", { textContent: `${type} · ${raw.fieldname}` })));
    card.classList.toggle("is-hidden-field", Boolean(Number(raw.hidden)));
    if (raw.depends_on) card.append(make("small", { className: "builder-when", textContent: `${this.words.depends_on}：${raw.depends_on.replace(/^eval:/, "")}` }));
    if (raw.fieldtype === "Table") card.append(this.cells(raw.options));
    return card;
  }

  // The columns of a child table, in place.
  cells(name) {
    const row = make("div", { className: "builder-cells", dataset: { table: name || "" } });
    const fields = this.drawing.children.get(name)?.fields.map((field) => [field.id, field.raw]) || (this.page.children[name]?.fields || []).map((raw, index) => [`#${index}`, raw]);
    for (const [id, raw] of fields) {
      if (breakOf({ raw })) continue;
      row.append(button(said(raw.label, this.page.language) || raw.fieldname, () => {}, { className: "builder-cell", dataset: { column: id } }));
    }
    if (name) row.append(button(`＋ ${this.words.column_add}`, () => {}, { className: "builder-cell builder-cell-add", dataset: { column: "+" } }));
    return row;
  }

  onClick(event) {
    const cell = event.target.closest("[data-column]");
    if (cell) { this.openColumn(cell.parentElement.dataset.table, cell.dataset.column); return; }
    const card = event.target.closest("[data-id]");
    this.drawing.select(card?.dataset.id || null);
  }

  openColumn(table, id) {
    const child = this.drawing.child(table);
    if (!child) return;
    if (id === "+") this.put("Data", this.names.get("Data"), { table, after: child.fields.at(-1)?.id });
    else this.drawing.select(id.startsWith("#") ? child.fields[Number(id.slice(1))]?.id : id, table);
    if (id.startsWith("#")) this.draw();
  }

  onKey(event) {
    const card = event.target.closest("[data-id]");
    if (!card || event.target !== card) return;
    const all = [...this.element.querySelectorAll("[data-id]")];
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      event.preventDefault();
      this.drawing.select(card.dataset.id);
      if (event.altKey) this.drawing.move(step);
      this.focus(event.altKey ? card.dataset.id : all[all.indexOf(card) + step]?.dataset.id);
    } else if (event.key === "Delete") {
      this.drawing.select(card.dataset.id);
      this.drawing.remove();
      this.focus(this.drawing.selected.id);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.drawing.select(card.dataset.id);
      document.querySelector("[data-panel] :is(input, select, textarea)")?.focus();
    }
  }

  focus(id) {
    if (id) this.element.querySelector(`[data-id="${id}"]`)?.focus();
  }

  // A type was dragged from the palette.
  onAdd(event, column) {
    const fieldtype = event.item.dataset.type;
    if (!fieldtype) return; // dragged from another column: `onEnd` there tells the new order
    const next = event.item.nextElementSibling?.dataset.id;
    const before = event.item.previousElementSibling?.dataset.id;
    event.item.remove();
    const label = this.names.get(fieldtype);
    if (before) this.put(fieldtype, label, { after: before, table: null });
    else if (next) this.put(fieldtype, label, { after: next, before: true, table: null });
    else if (column.field) this.put(fieldtype, label, { after: column.field.id, table: null });
    else this.put(fieldtype, label, { after: this.lastBefore(event.to), table: null });
  }

  // The field or break after which an empty list stands.
  lastBefore(list) {
    const all = [...this.element.querySelectorAll("[data-id]")];
    return all.filter((each) => each.compareDocumentPosition(list) & Node.DOCUMENT_POSITION_FOLLOWING).at(-1)?.dataset.id || null;
  }

  arranged() {
    this.drawing.arrange([...this.element.querySelectorAll("[data-id]")].map((each) => each.dataset.id));
  }

  mark() {
    const { id, table } = this.drawing.selected;
    for (const each of this.element.querySelectorAll("[data-id]")) each.classList.toggle("is-selected", each.dataset.id === id && !table);
    for (const each of this.element.querySelectorAll("[data-column]")) each.classList.toggle("is-selected", each.dataset.column === id && each.parentElement.dataset.table === table);
  }
}
