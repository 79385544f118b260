// What conditions can name, where they stand: the record's fields, a child row's columns, another DocType's fields; and facts.

export class Fields {
  constructor(page) {
    this.page = page;
    this.known = new Map();
    this.facts = {}; // by name, as the server described them last
  }

  // The fields of a DocType; fetched once.
  async load(doctype) {
    if (!doctype || this.known.has(doctype)) return;
    const answer = await fetch(`/admin/rules/fields?${new URLSearchParams({ doctype })}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) this.known.set(doctype, await answer.json());
  }

  of(doctype) { return this.known.get(doctype) || { fields: [], tables: [] }; }

  get record() { return this.of(this.page.doc.raw.applies_to); }

  // Every fact that the rule names, also one that is not right yet.
  get factOptions() { return this.factsOf(null); }

  // Those of the record and, in a table, those that each of its rows has for itself.
  factsOf(table) {
    const { words } = this.page;
    const facts = this.page.doc.shown.facts || {};
    return Object.keys(facts).filter((name) => !facts[name]?.each_row || facts[name].each_row === table).map((name) => ({ path: `@${name}`, label: this.facts[name]?.label || name, kind: this.facts[name]?.kind || "number", group: words.facts, ...this.facts[name] }));
  }
}

const option = (one) => ({ value: one.path, title: one.label, detail: one.path, group: one.group });

// Where paths are read. `operators` narrows what may be compared; `values` is the scope of the other side.
export class Scope {
  constructor(fields, { table = null, doctype = null } = {}) {
    Object.assign(this, { fields, table, doctype });
  }

  get all() {
    if (this.doctype) return this.fields.of(this.doctype).fields.filter((one) => one.source === "field");
    if (!this.table) return [...this.fields.record.fields, ...this.fields.factOptions];
    const rows = this.fields.record.tables.find((one) => one.name === this.table)?.fields || [];
    return [...rows, ...this.fields.factsOf(this.table), ...this.fields.record.fields.filter((one) => one.path.startsWith("user."))];
  }

  options() { return this.all.map(option); }
  meta(path) { return this.all.find((one) => one.path === path); }
  titleOf(path) { return this.meta(path)?.label || path; }
  get own() { return this.all.filter((one) => one.source === "field" && !one.path.includes(".")); }
  ownOptions() { return this.own.map(option); }
  rows(table) { return new Scope(this.fields, { table }); }

  // Columns of child tables as `items.qty`, beside the record's own fields.
  pathOptions() {
    const { tables } = this.fields.record;
    return [...this.ownOptions(), ...tables.map((table) => ({ value: table.name, title: table.label, detail: table.name, group: table.label })),
      ...tables.flatMap((table) => table.fields.filter((one) => one.source === "field" && !one.path.includes(".")).map((one) => ({ value: `${table.name}.${one.path}`, title: `${table.label} · ${one.label}`, detail: `${table.name}.${one.path}`, group: table.label })))];
  }

  // What a message can show: in a row its columns are `row.x`, the record's fields plain.
  placeOptions() {
    const record = [...this.fields.record.fields, ...this.fields.factsOf(this.table)].map(option);
    if (!this.table) return record;
    const rows = this.fields.record.tables.find((one) => one.name === this.table)?.fields || [];
    return [...rows.filter((one) => !one.path.startsWith("parent.")).map((one) => ({ ...option(one), value: `row.${one.path}` })), ...record];
  }
}

// The columns of another DocType's child table, to be filled in.
export class Columns extends Scope {
  constructor(fields, columns) {
    super(fields);
    this.columns = columns;
  }

  get all() { return this.columns.filter((one) => one.source === "field" && !one.path.includes(".")); }
}
