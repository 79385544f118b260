// What follows: a card for each consequence, its form made from what declares the kind.
import { check, choice, make } from "./builder-parts.js";
import { Conditions } from "./rule-conditions.js";
import { moved, put, renamed } from "./rule-document.js";
import { escalationsEditor } from "./rule-escalations.js";
import { Columns, Scope } from "./rule-fields.js";
import { messageEditor } from "./rule-messages.js";
import { chips, picker, recordPicker } from "./rule-picker.js";
import { TableEditor } from "./rule-table.js";
import { keptAsIs, lengthEditor, operandEditor, tools } from "./rule-values.js";

const EACH = ["each_row", "where"];

export class Consequences {
  constructor(page, element) {
    Object.assign(this, { page, element });
  }

  get words() { return this.page.words; }
  get rule() { return this.page.doc.shown; }
  formOf(kind) { return this.page.vocabulary.forms.find((form) => form.kind === kind); }

  changed() { this.page.doc.touch(); }

  draw(focus = -1) {
    const list = Array.isArray(this.rule.then) ? this.rule.then : (this.rule.then = []);
    const { words } = this;
    const add = choice("", "", [["", words.then_add], ...this.page.vocabulary.forms.map((form) => [form.kind, form.help ? `${form.label}${this.page.language === "zh" ? "：" : ": "}${form.help}` : form.label])], (kind) => {
      if (!kind) return;
      list.push({ [kind]: this.fresh(this.formOf(kind)) });
      this.changed();
      this.draw(list.length - 1);
    });
    add.setAttribute("aria-label", words.then_add);
    add.classList.add("rule-then-add");
    this.element.replaceChildren(...list.map((item, index) => this.card(list, index)), ...(list.length ? [] : [make("p", { className: "text-muted", textContent: words.no_then })]), add);
    if (focus >= 0) this.element.children[focus]?.querySelector(".rule-card-body :is(input, select, textarea)")?.focus();
    this.page.showFaults();
  }

  fresh(form) {
    if (form.body === "list") return [];
    if (form.body === "plain") return "";
    if (form.body === "table") return { hit: "first", inputs: [], outputs: [], rows: [] };
    return {};
  }

  card(list, index) {
    const item = list[index];
    const kind = Object.keys(item || {}).find((key) => this.formOf(key));
    const form = this.formOf(kind);
    const at = `then[${index}]`;
    const step = (by) => { if (moved(list, index, by)) { this.changed(); this.draw(); } };
    const remove = () => { list.splice(index, 1); this.changed(); this.draw(); };
    const head = make("header", { className: "rule-card-head" }, make("strong", { textContent: form?.label || kind || "?" }), make("small", { className: "text-muted", textContent: form?.help || "" }), tools({ words: this.words, remove, ...(list.length > 1 ? { up: () => step(-1), down: () => step(1) } : {}) }));
    const body = make("div", { className: "rule-card-body" });
    const box = make("article", { className: "rule-card", dataset: { at, kind: kind || "" }, aria: { label: form?.label || kind } }, head, body);
    body.append(...(form && Object.keys(item).every((key) => key === kind || EACH.includes(key)) ? this.body(item, kind, form, at) : [keptAsIs(item, this.page)]));
    return box;
  }

  body(item, kind, form, at) {
    const scope = new Scope(this.page.fields);
    if (form.body === "table") return [new TableEditor(this.page, item, `${at}.table`).element];
    if (form.body === "values") return this.ownValues(item, kind, form, `${at}.${kind}`);
    if (form.body === "list") return [this.editor(form.parameters[0], item[kind], (next) => { item[kind] = next ?? []; this.changed(); }, scope, `${at}.${kind}`)];
    if (form.body === "plain") return [this.editor(form.parameters[0], item[kind], (next) => { item[kind] = next ?? ""; this.changed(); }, scope, `${at}.${kind}`)];
    return this.parameters(item, kind, form, `${at}.${kind}`);
  }

  // Values of the record itself, or of the columns of its rows; what chooses the rows stands beside them.
  ownValues(item, kind, form, at) {
    const write = (key, value) => { put(item, key, value); this.changed(); };
    const scope = new Scope(this.page.fields, item.each_row ? { table: item.each_row } : {});
    const rows = form.parameters.find((one) => one.editor === "rows");
    return [this.values(item[kind], (next) => write(kind, next), scope, scope, at), ...(rows ? [this.each(rows, item, write, at)] : [])].filter(Boolean);
  }

  // An object of parameters; short forms are written out when somebody changes them.
  parameters(item, kind, form, at) {
    const given = item[kind];
    const first = form.parameters.find((one) => one.editor === (Array.isArray(given) ? "fields" : given && typeof given === "object" ? null : one.editor) && one.needed)?.key;
    const body = given && typeof given === "object" && !Array.isArray(given) ? given : first && given ? { [first]: given } : {};
    const holder = "each_row" in item ? item : body;
    const write = (target) => (key, value) => { put(target, key, value); if (item[kind] !== body) item[kind] = body; this.changed(); };
    const table = form.parameters.some((one) => one.editor === "rows") ? holder.each_row : null;
    const scope = new Scope(this.page.fields, table ? { table } : {});
    const known = form.parameters.map((one) => one.key);
    const parts = form.parameters.filter((one) => one.editor !== "rows").map((one) => this.parameter(one, body, write(body), scope, at));
    if (known.includes("role") && known.includes("user_field") && !known.includes("users")) parts.unshift(make("small", { className: "text-muted rule-wide", textContent: this.words.either }));
    if (form.parameters.some((one) => one.editor === "rows")) parts.push(this.each(form.parameters.find((one) => one.editor === "rows"), holder, write(holder), at));
    const rest = Object.fromEntries(Object.entries(body).filter(([key]) => !known.includes(key) && !EACH.includes(key)));
    if (Object.keys(rest).length) parts.push(keptAsIs(rest, this.page));
    return parts.filter(Boolean);
  }

  parameter(one, body, write, scope, at) {
    const wide = ["message", "fields", "paths", "values", "made_rows", "people", "names", "escalations", "conditions"].includes(one.editor);
    const leads = one.editor === "link" && one.key === "record" && "values" in body; // to the record whose fields are then offered
    const editor = this.editor(one, body[one.key], (value) => { write(one.key, value); if (leads) this.draw(); }, scope, `${at}.${one.key}`, body);
    const box = make("div", { className: `rule-parameter${wide ? " rule-wide" : ""}`, dataset: { at: `${at}.${one.key}` } });
    if (one.editor !== "check") box.append(make("span", { className: "rule-label", textContent: one.label }, one.needed ? make("span", { className: "builder-star", textContent: "*" }) : null));
    box.append(editor);
    return box;
  }

  editor(one, value, write, scope, at, body = {}) {
    const { words, page } = this;
    const { label } = one;
    const box = (options, free = false) => picker({ label, value: value ?? "", words, placeholder: words.choose, free, options, chosen: write });
    const listed = (titleOf, add) => {
      const values = Array.isArray(value) ? [...value] : [];
      return chips({ label, values, titleOf, words, changed: () => write(values), add });
    };
    const several = (options) => listed((path) => options().find((option) => option.value === path)?.title || path, (take) => picker({ label, value: "", words, placeholder: words.add_value, options, chosen: take }));
    const editors = {
      message: () => messageEditor({ label, value, put: write, scope, page, rows: one.key === "title" ? 1 : 2 }),
      field: () => box(() => scope.ownOptions()),
      fields: () => several(() => [...scope.ownOptions(), ...(scope.table ? [] : scope.fields.record.tables.map((table) => ({ value: table.name, title: table.label, detail: table.name })))]),
      paths: () => several(() => (scope.table ? scope.ownOptions() : scope.pathOptions())),
      people: () => listed(String, (take) => recordPicker({ doctype: "User", label, value: "", words, placeholder: words.add_value, chosen: take })),
      names: () => listed(String, (take) => picker({ label, value: "", words, placeholder: words.add_value, free: true, options: () => [], chosen: take })),
      role: () => box(() => page.roles.map(([role, title]) => ({ value: role, title, detail: role }))),
      person: () => box(() => this.linksTo(scope, "User")),
      time_field: () => box(() => scope.ownOptions().filter((option) => ["date", "datetime"].includes(scope.meta(option.value)?.kind))),
      link: () => box(() => this.linksTo(scope)),
      duration: () => lengthEditor(value, write, { page, label, inWorkingTime: true }),
      check: () => check(label, value, (ticked) => write(ticked || undefined)),
      doctype: () => box(() => page.doctypes.map(([name, title]) => ({ value: name, title, detail: name }))),
      rule: () => box(() => page.rules.map(({ name, title, applies_to }) => ({ value: name, title, detail: name, group: applies_to }))),
      meaning: () => box(() => page.meanings.map(([name, title]) => ({ value: name, title, detail: name })), true),
      action: () => box(() => page.vocabulary.events.filter(([event]) => event !== "validate").map(([event, title]) => ({ value: event, title, detail: event })), true),
      conclusion: () => box(() => page.conclusions.map((name) => ({ value: name, title: name })), true),
      values: () => this.target(body.doctype ?? scope.meta(body.record)?.link, (target) => this.values(value, write, target, scope, at)),
      made_rows: () => this.target(body.doctype, () => this.madeRows(value, write, body.doctype, scope, at)),
      path: () => box(() => scope.options()),
      number: () => this.number(label, value, write),
      escalations: () => escalationsEditor(value, write, { page, label, at }),
      conditions: () => this.conditions(value, write, scope, at),
      choices: () => box(() => one.choices.map(([name, title]) => ({ value: name, title }))),
    };
    return (editors[one.editor] || (() => this.text(label, value, write)))();
  }

  // Conditions of a consequence, such as those while which a clock stands.
  conditions(value, write, scope, at) {
    if (value !== undefined && !Array.isArray(value)) return keptAsIs(value, this.page);
    const list = value ?? [];
    const conditions = new Conditions(this.page, { changed: () => write(list.length ? list : undefined) });
    return conditions.list(list, scope, at);
  }

  linksTo(scope, doctype = null) {
    const links = new Set(scope.own.filter((one) => one.link && (!doctype || one.link === doctype)).map((one) => one.path));
    const owners = doctype === "User" ? scope.options().filter((option) => ["owner", "modified_by"].includes(option.value)) : [];
    return [...scope.ownOptions().filter((option) => links.has(option.value)), ...owners];
  }

  text(label, value, write) {
    if (value !== undefined && typeof value !== "string") return keptAsIs(value, this.page);
    const input = make("input", { className: "form-control form-control-sm", value: value ?? "", aria: { label } });
    input.addEventListener("input", () => write(input.value));
    return input;
  }

  number(label, value, write) {
    const input = make("input", { type: "number", className: "form-control form-control-sm", value: value ?? "", aria: { label } });
    input.addEventListener("input", () => write(input.value === "" ? undefined : Number(input.value)));
    return input;
  }

  // The fields of another DocType are fetched before they are offered.
  target(doctype, build) {
    const { page } = this;
    const slot = make("div");
    const draw = () => slot.replaceChildren(build(new Scope(page.fields, { doctype: doctype || "" })));
    if (doctype && !page.fields.known.has(doctype)) page.fields.load(doctype).then(draw);
    draw();
    return slot;
  }

  // Fields with the value that each is given.
  values(given, write, target, scope, at) {
    const { words, page } = this;
    let values = given && typeof given === "object" && !Array.isArray(given) ? given : {};
    const box = make("div", { className: "rule-values" });
    const tell = () => write(values);
    const draw = () => {
      const rows = Object.keys(values).map((name) => make("div", { className: "rule-value-row", dataset: { at: `${at}.${name}` } },
        picker({ label: words.field, value: name, words, placeholder: words.search_field, options: () => target.ownOptions(), chosen: (next) => { if (!next || next in values) { draw(); return; } values = renamed(values, name, next); tell(); draw(); } }),
        make("span", { textContent: "=" }),
        operandEditor({ meta: target.meta(name), expects: "value", value: values[name], put: (next) => { values[name] = next; tell(); }, scope, page, label: words.value }),
        tools({ words, remove: () => { delete values[name]; tell(); draw(); } })));
      const options = () => target.ownOptions().filter((option) => !(option.value in values) && !target.meta(option.value)?.computed);
      box.replaceChildren(...rows, picker({ label: words.value_add, value: "", words, placeholder: `＋ ${words.value_add}`, options, chosen: (name) => { if (!name) return; values[name] = ""; tell(); draw(); box.children[Object.keys(values).length - 1]?.querySelector(".rule-operand :is(input, select):not(.rule-mode)")?.focus(); } }));
      page.showFaults();
    };
    draw();
    return box;
  }

  // Rows of the child tables of a record that is made: what each column is given, for one row or for each row of this record's tables.
  madeRows(given, write, doctype, scope, at) {
    const { words, page } = this;
    const rows = given && typeof given === "object" && !Array.isArray(given) ? { ...given } : {};
    const { tables } = page.fields.of(doctype || "");
    const titleOf = (name) => tables.find((table) => table.name === name)?.label || name;
    const box = make("div", { className: "rule-values" });
    const tell = () => write(Object.keys(rows).length ? rows : undefined);
    const draw = () => {
      const cards = Object.keys(rows).map((name) => this.madeRow(rows[name], name, { title: titleOf(name), tables, scope, at: `${at}.${name}`, tell, draw, remove: () => { delete rows[name]; tell(); draw(); } }));
      const free = tables.filter((table) => !(table.name in rows));
      const add = picker({ label: words.table, value: "", words, placeholder: `＋ ${words.table}`, options: () => free.map((table) => ({ value: table.name, title: table.label, detail: table.name })), chosen: (name) => { if (!name) return; rows[name] = { values: {} }; tell(); draw(); } });
      box.replaceChildren(...cards, ...(free.length ? [add] : []));
      page.showFaults();
    };
    draw();
    return box;
  }

  madeRow(mapping, name, { title, tables, scope, at, tell, draw, remove }) {
    const { words, page } = this;
    const head = make("header", { className: "rule-card-head" }, make("strong", { textContent: title }), tools({ words, remove }));
    const card = make("section", { className: "rule-made-rows", dataset: { at } }, head);
    if (Array.isArray(mapping)) { card.append(keptAsIs(mapping, page)); return card; }
    const here = mapping.each_row ? new Scope(page.fields, { table: mapping.each_row }) : scope;
    const columns = new Columns(page.fields, tables.find((table) => table.name === name)?.fields || []);
    const rows = this.each({ label: this.formOf("create").parameters.find((one) => one.editor === "rows").label }, mapping, (key, value) => { put(mapping, key, value); tell(); }, at, draw, words.one_row);
    card.append(...[rows, this.values(mapping.values, (next) => { mapping.values = next; tell(); }, columns, here, `${at}.values`)].filter(Boolean));
    return card;
  }

  // Drawn once for each row of a child table where conditions hold.
  each(one, holder, write, at, redraw = () => this.draw(), none = this.words.each_none) {
    const { words, page } = this;
    const tables = page.fields.record.tables.map((table) => [table.name, table.label]);
    if (!tables.length && !holder.each_row) return null;
    const box = make("div", { className: "rule-parameter rule-wide", dataset: { at: `${at}.each_row` } });
    const select = choice(one.label, holder.each_row || "", [["", none], ...tables], (table) => {
      put(holder, "where", undefined);
      write("each_row", table);
      redraw();
    });
    box.append(select);
    if (holder.each_row) {
      const where = holder.where ||= [];
      const conditions = new Conditions(page, { changed: () => write("where", where) });
      box.append(make("small", { className: "text-muted", textContent: words.rows_where }), conditions.list(where, new Scope(page.fields, { table: holder.each_row }), `${at}.where`));
    }
    return box;
  }
}

