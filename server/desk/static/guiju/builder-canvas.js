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
    const search = make("input", { type: "search", className: "form-control form-control-sm builder-search", placeholder: this.words.palette_search, aria: { label: this.words.palette_search } });
    search.addEventListener("input", () => {
      const wanted = search.value.trim().toLowerCase();
      for (const type of palette.querySelectorAll("[data-type]")) type.hidden = !`${type.textContent} ${type.dataset.type}`.toLowerCase().includes(wanted);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") palette.querySelector("[data-type]:not([hidden])")?.click();
    });
    palette.append(search);
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

  // What is clicked in the palette goes into the form; columns are added where the child table stands.
  put(fieldtype, label, more = {}) {
    const { table } = this.drawing.selected;
    const owner = table && !("table" in more) && this.drawing.main.fields.find((field) => field.raw.options === table);
    this.drawing.add(fieldtype, label, owner ? { table: null, after: owner.id } : more);
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
    if (raw.depends_on) card.append(make("small", { className: "builder-when", textContent: `${this.words.depends_on}${this.page.language === "en" ? ": " : "："}${raw.depends_on.replace(/^eval:/, "")}` }));
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
    if (name) window.Sortable?.create(row, {
      group: { name: "columns", put: (to, from, item) => from.el.matches(".builder-types") && this.fitsRow(item.dataset.type) },
      draggable: ".builder-cell:not(.builder-cell-add)", animation: 120, onAdd: (event) => this.onColumn(event, name), onEnd: (event) => this.columnsArranged(event, name),
    });
    if (name) row.append(button(`＋ ${this.words.column_add}`, () => {}, { className: "builder-cell builder-cell-add", dataset: { column: "+" } }));
    return row;
  }

  fitsRow(fieldtype) {
    const type = this.page.types[fieldtype];
    return Boolean(type) && !type.layout && !type.rows;
  }

  // A type was dragged onto a child table: a column of it.
  onColumn(event, table) {
    const { type } = event.item.dataset;
    const child = this.drawing.child(table);
    const cells = [...event.to.querySelectorAll("[data-column]:not([data-column='+'])")];
    const next = event.item.nextElementSibling?.dataset.column;
    event.item.remove();
    if (!child || !type) return;
    const before = child.fields[cells.findIndex((cell) => cell.dataset.column === next)];
    this.drawing.add(type, this.names.get(type), before ? { table, after: before.id, before: true } : { table, after: child.fields.at(-1)?.id });
  }

  columnsArranged(event, table) {
    if (event.from !== event.to || event.oldIndex === event.newIndex) return;
    const cells = [...event.to.querySelectorAll("[data-column]:not([data-column='+'])")].map((cell) => cell.dataset.column);
    const child = this.drawing.child(table);
    const shown = child.fields.filter((field) => !breakOf(field));
    const ids = cells.map((column) => (column.startsWith("#") ? child.fields[Number(column.slice(1))]?.id : column));
    const rest = child.fields.filter((field) => !shown.includes(field)).map((field) => field.id);
    this.drawing.arrange([...ids, ...rest], child);
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
