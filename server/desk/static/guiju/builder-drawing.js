// The drawing: a record type and its child tables as files hold them, what is selected, and every earlier state for undo.
// It knows nothing of the page; who shows it listens.
const BREAKS = { "Tab Break": "tab", "Section Break": "section", "Fold": "section", "Column Break": "column" };
const MOST_UNDOS = 200;
const SAME_STROKE_MS = 1500;
const ENGLISH = { "Section Break": "section", "Column Break": "column", "Tab Break": "tab" };

export const breakOf = (field) => BREAKS[field.raw.fieldtype];

// Frappe's files say the order of their fields beside them.
function inOrder(fields, order) {
  if (!Array.isArray(order) || !fields.every((field) => field.fieldname)) return fields;
  const place = (field) => (order.includes(field.fieldname) ? order.indexOf(field.fieldname) : order.length);
  return [...fields].sort((one, other) => place(one) - place(other));
}

export class Drawing {
  constructor(raw, page) {
    this.page = page;
    this.listeners = [];
    this.past = [];
    this.future = [];
    this.open(raw);
  }

  // Start anew with a record type; nothing is undone beyond this.
  open(raw) {
    this.ids = 0;
    this.main = this.piece(raw);
    this.children = new Map(); // child tables that were opened or made here
    this.selected = { table: null, id: null };
    this.past = [];
    this.future = [];
    this.stroke = null;
  }

  piece(raw) {
    const { fields = [], ...rest } = structuredClone(raw);
    return { raw: rest, fields: inOrder(fields, rest.field_order).map((field) => this.wrap(field)) };
  }

  wrap(raw) {
    return { id: `f${++this.ids}`, raw };
  }

  listen(listener) {
    this.listeners.push(listener);
  }

  tell(what) {
    for (const listener of this.listeners) listener(what);
  }

  // Every change goes through here. Strokes into one property follow each other as one step; `quiet` leaves the panel as it is.
  change(edit, { stroke = null, quiet = false } = {}) {
    const goesOn = stroke && this.stroke?.key === stroke && Date.now() - this.stroke.at < SAME_STROKE_MS;
    if (!goesOn) {
      this.past.push(this.state());
      if (this.past.length > MOST_UNDOS) this.past.shift();
    }
    this.stroke = stroke && { key: stroke, at: Date.now() };
    this.future = [];
    edit();
    this.tell(quiet ? "canvas" : "all");
  }

  state() {
    return JSON.stringify({ main: this.main, children: [...this.children], selected: this.selected });
  }

  restore(state) {
    const { main, children, selected } = JSON.parse(state);
    Object.assign(this, { main, children: new Map(children), selected });
    const numbers = [...state.matchAll(/"id":"f(\d+)"/g)].map((found) => Number(found[1]));
    this.ids = Math.max(this.ids, ...numbers, 0);
  }

  undo() {
    if (!this.past.length) return;
    this.future.push(this.state());
    this.restore(this.past.pop());
    this.stroke = null;
    this.tell("all");
  }

  redo() {
    if (!this.future.length) return;
    this.past.push(this.state());
    this.restore(this.future.pop());
    this.stroke = null;
    this.tell("all");
  }

  // What is selected: the record type itself, one of its fields, or a column of one of its child tables.
  select(id, table = null) {
    this.selected = { id, table };
    this.tell("selection");
  }

  get field() {
    const { id, table } = this.selected;
    if (!id) return null;
    const piece = table ? this.children.get(table) : this.main;
    return piece?.fields.find((field) => field.id === id) || null;
  }

  get owner() {
    return this.selected.table ? this.children.get(this.selected.table) : this.main;
  }

  // The child table of a Table field, opened for editing when it is first asked for.
  child(name) {
    if (!this.children.has(name) && this.page.children[name]) this.children.set(name, this.piece(this.page.children[name]));
    return this.children.get(name) || null;
  }

  // The record type is called otherwise; child tables that were made here and carry its name follow.
  rename(name) {
    const before = `${this.main.raw.name || "Record"} Row`;
    const after = `${name || "Record"} Row`;
    for (const field of this.main.fields) if (before === `${field.raw.options} Row` && field.raw.fieldtype === "Link") field.raw.options = name;
    this.main.raw.name = name;
    const inForce = this.page.isNew ? "" : this.page.raw.name; // its records move along under the new name
    if (inForce && name !== inForce) this.main.raw.renamed_from = inForce;
    else if (inForce && this.main.raw.renamed_from === inForce) delete this.main.raw.renamed_from;
    for (const [child, piece] of [...this.children]) {
      if (this.page.children[child] || !child.startsWith(before)) continue;
      const called = after + child.slice(before.length);
      this.children.delete(child);
      this.children.set(called, piece);
      piece.raw.name = called;
      for (const field of this.main.fields) if (field.raw.options === child) field.raw.options = called;
    }
  }

  // Records stand below one another or not; the link that says below which is made with the first tick.
  plant(isTree, label) {
    const { raw, fields } = this.main;
    this.change(() => {
      if (!isTree) {
        delete raw.is_tree;
        return;
      }
      raw.is_tree = 1;
      const linked = fields.some((field) => field.raw.fieldtype === "Link" && field.raw.options === raw.name && field.raw.fieldname !== "amended_from");
      if (!linked) fields.push(this.wrap({ fieldname: this.free("parent_record", this.main), fieldtype: "Link", label, options: raw.name }));
    });
  }

  makeChild(label) {
    const base = `${this.main.raw.name || "Record"} Row`;
    let name = base;
    for (let number = 2; this.page.known.includes(name) || this.children.has(name); number += 1) name = `${base} ${number}`;
    const raw = { doctype: "DocType", name, module: this.main.raw.module || "site", istable: 1, label: label || name, fields: [{ fieldname: "item", fieldtype: "Data", label: { zh: "项目", en: "Item" }, in_list_view: 1 }] };
    this.children.set(name, this.piece(raw));
    return name;
  }

  // Fields

  add(fieldtype, label, { after = this.selected.id, table = this.selected.table, before = false } = {}) {
    const piece = table ? this.children.get(table) : this.main;
    this.change(() => {
      const field = this.wrap(this.blank(fieldtype, label, piece));
      const at = piece.fields.findIndex((other) => other.id === after);
      piece.fields.splice(at < 0 ? piece.fields.length : at + (before ? 0 : 1), 0, field);
      this.selected = { id: field.id, table };
    });
  }

  blank(fieldtype, label, piece) {
    const stem = ENGLISH[fieldtype] || fieldtype.toLowerCase().replace(/[^a-z0-9]+/g, "_");
    const raw = { fieldname: this.free(stem, piece), fieldtype };
    if (!BREAKS[fieldtype]) raw.label = label;
    if (fieldtype === "Table" || fieldtype === "Table MultiSelect") raw.options = fieldtype === "Table" ? this.makeChild(label) : "";
    if (fieldtype === "Select") raw.options = "";
    if (piece.raw.istable && !BREAKS[fieldtype]) raw.in_list_view = 1;
    return raw;
  }

  // A fieldname that no other field of the record type has.
  free(stem, piece, own = null) {
    const taken = new Set(piece.fields.filter((field) => field.id !== own).map((field) => (field.raw.fieldname || "").toLowerCase()));
    let name = stem;
    for (let number = 2; taken.has(name); number += 1) name = `${stem}_${number}`;
    return name;
  }

  // Another fieldname: what names the field in its own record type follows, and a stored one keeps its values (`oldfieldname`).
  renameField(field, name) {
    const { raw } = field;
    const before = raw.fieldname;
    if (this.stored(before)) raw.oldfieldname = before;
    else if (raw.oldfieldname === name) delete raw.oldfieldname;
    raw.fieldname = name;
    if (!before || !name) return;
    const piece = this.owner;
    const mentioned = new RegExp(`\\b(doc|row)\\.${before}\\b`, "g");
    for (const part of ["title_field", "image_field", "sort_field"]) if (piece.raw[part] === before) piece.raw[part] = name;
    if (piece.raw.autoname === `field:${before}`) piece.raw.autoname = `field:${name}`;
    for (const other of piece.fields) {
      for (const part of ["depends_on", "mandatory_depends_on", "read_only_depends_on", "collapsible_depends_on", "formula"]) {
        if (other.raw[part]) other.raw[part] = other.raw[part].replace(mentioned, `$1.${name}`);
      }
      if ((other.raw.fetch_from || "").startsWith(`${before}.`)) other.raw.fetch_from = `${name}${other.raw.fetch_from.slice(before.length)}`;
    }
  }

  // Whether values are kept under this fieldname now: it is in force and has a column.
  stored(name) {
    const owner = this.owner.raw.name;
    const inForce = this.page.children[owner] || (!this.selected.table && !this.page.isNew ? this.page.raw : null);
    return (inForce?.fields || []).some((other) => other.fieldname === name);
  }

  remove(field = this.field) {
    const piece = this.owner;
    const at = piece.fields.indexOf(field);
    this.change(() => {
      piece.fields.splice(at, 1);
      this.selected = { id: (piece.fields[at] || piece.fields[at - 1])?.id || null, table: this.selected.table };
    });
  }

  copy(field = this.field) {
    const piece = this.owner;
    this.change(() => {
      const twin = this.wrap(structuredClone(field.raw));
      twin.raw.fieldname = this.free(field.raw.fieldname || "field", piece);
      piece.fields.splice(piece.fields.indexOf(field) + 1, 0, twin);
      this.selected = { id: twin.id, table: this.selected.table };
    });
  }

  move(step, field = this.field) {
    const piece = this.owner;
    const from = piece.fields.indexOf(field);
    const to = from + step;
    if (to < 0 || to >= piece.fields.length) return;
    this.change(() => {
      piece.fields.splice(from, 1);
      piece.fields.splice(to, 0, field);
    });
  }

  // The order that the canvas shows after something was dragged.
  arrange(ids, piece = this.main) {
    const byId = new Map(piece.fields.map((field) => [field.id, field]));
    const wanted = ids.map((id) => byId.get(id)).filter(Boolean);
    if (wanted.length !== piece.fields.length) return;
    this.change(() => { piece.fields = wanted; });
  }

  // One property of a field or of the record type; an empty one is left out, as files do.
  set(target, property, value, { quiet = true } = {}) {
    this.change(() => {
      if (value === "" || value === undefined || value === null || value === 0) delete target[property];
      else target[property] = value;
    }, { stroke: `${this.selected.table}/${this.selected.id}/${property}`, quiet });
  }

  // As JSON

  raw(piece = this.main) {
    const fields = piece.fields.map((field) => field.raw);
    const order = piece.raw.field_order && fields.every((field) => field.fieldname) ? { field_order: fields.map((field) => field.fieldname) } : {};
    return { ...piece.raw, ...order, fields };
  }

  // The record type with every child table that it uses, for a file: nothing of it is left behind.
  everything() {
    const used = this.main.fields.filter((field) => this.page.types[field.raw.fieldtype]?.rows).map((field) => field.raw.options);
    const children = [...new Set(used)].map((name) => (this.children.has(name) ? this.raw(this.children.get(name)) : this.page.children[name]));
    return [this.raw(), ...children.filter(Boolean)];
  }

  // The record type and the child tables that are used by it and differ from what is in force.
  pieces() {
    const used = this.main.fields.map((field) => field.raw.options).filter((name) => this.children.has(name));
    const changed = [...new Set(used)].map((name) => this.raw(this.children.get(name))).filter((raw) => JSON.stringify(raw) !== JSON.stringify(this.page.children[raw.name]));
    return [this.raw(), ...changed];
  }
}
