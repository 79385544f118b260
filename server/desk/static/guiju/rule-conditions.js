// The tree of conditions: rows of field, comparison and value; groups; conditions on child rows; formulas; conclusions.
import { button, choice, make } from "./builder-parts.js";
import { moved } from "./rule-document.js";
import { picker } from "./rule-picker.js";
import { keptAsIs, operandEditor, tools } from "./rule-values.js";

const keysOf = (node) => (node && typeof node === "object" && !Array.isArray(node) ? Object.keys(node) : []);

// Which kind a node is; null for one that only the JSON can show.
function kindOf(node, { vocabulary }) {
  if (Array.isArray(node)) return node.length >= 2 && node.length <= 3 && typeof node[0] === "string" && typeof node[1] === "string" ? "compare" : null;
  const keys = keysOf(node);
  const rows = vocabulary.row_kinds.find(([kind]) => keys.includes(kind));
  if (rows) return keys.every((key) => [rows[0], "where", "is"].includes(key)) && typeof node[rows[0]] === "string" ? "rows" : null;
  if (keys.length !== 1) return null;
  if (vocabulary.groups.some(([kind]) => kind === keys[0])) return Array.isArray(node[keys[0]]) ? "group" : null;
  return ["expr", "concluded"].includes(keys[0]) && typeof node[keys[0]] === "string" ? keys[0] : null;
}

// The rule's `when` as one group, whatever shape it has; null where the form cannot show it.
export function asGroup(when, { vocabulary }) {
  const groups = vocabulary.groups.map(([kind]) => kind);
  if (when === undefined || when === null) return { all: [] };
  if (Array.isArray(when)) return { all: typeof when[0] === "string" && typeof when[1] === "string" ? [when] : when };
  const keys = keysOf(when);
  if (keys.length && keys.every((key) => groups.includes(key) && Array.isArray(when[key]))) {
    return keys.length === 1 ? when : { all: keys.flatMap((key) => (key === "all" ? when.all : [{ [key]: when[key] }])) };
  }
  return { all: [when] };
}

// A list of conditions that hold together; `list` is written into, `changed` hears it.
export class Conditions {
  constructor(page, { changed, operators = null, only = null, values = null }) {
    Object.assign(this, { page, changed, operators, only, values });
  }

  get words() { return this.page.words; }

  // The whole list with its buttons.
  list(list, scope, at) {
    const box = make("div", { className: "rule-conditions" });
    const draw = (focus = -1) => {
      box.replaceChildren(...list.map((node, index) => this.node(list, index, scope, `${at}[${index}]`, draw)), this.adders(list, scope, draw));
      if (focus >= 0) box.children[focus]?.querySelector("input, select")?.focus();
      this.page.showFaults();
    };
    draw();
    return box;
  }

  adders(list, scope, draw) {
    const { words } = this;
    const add = (label, fresh) => button(`＋ ${label}`, () => { list.push(fresh()); this.changed(); draw(list.length - 1); }, { className: "btn btn-light btn-sm rule-add" });
    const buttons = [add(words.condition_add, () => ["", "="])];
    if (!this.only) {
      buttons.push(add(words.group_add, () => ({ any: [["", "="]] })));
      const [table] = scope.table ? [] : scope.fields.record.tables;
      if (table) buttons.push(add(words.rows_add, () => ({ any_row: table.name, where: [["", "="]] })));
      buttons.push(add(words.expr_add, () => ({ expr: "" })));
      if (this.page.conclusions.length) buttons.push(add(words.concluded_add, () => ({ concluded: "" })));
    }
    return make("div", { className: "rule-adders" }, ...buttons);
  }

  node(list, index, scope, at, draw) {
    const node = list[index];
    const kind = kindOf(node, this.page);
    const bodies = { compare: () => this.compare(list, index, scope), group: () => this.group(list, index, scope, at, draw), rows: () => this.rows(list, index, scope, at, draw), expr: () => this.text(node, "expr"), concluded: () => this.concluded(node) };
    const box = make("div", { className: `rule-node rule-node-${kind || "kept"}`, dataset: { at } }, kind ? bodies[kind]() : keptAsIs(node, this.page));
    const step = (by) => { if (moved(list, index, by)) { this.changed(); draw(index + by); } };
    const remove = () => { list.splice(index, 1); this.changed(); draw(Math.min(index, list.length - 1)); };
    box.append(tools({ words: this.words, remove, ...(list.length > 1 ? { up: () => step(-1), down: () => step(1) } : {}) }));
    box.addEventListener("keydown", (event) => {
      if (event.target.closest(".rule-node") !== box) return;
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.altKey && by) { event.preventDefault(); step(by); }
    });
    return box;
  }

  compare(list, index, scope) {
    const { words, page } = this;
    const row = make("div", { className: "rule-row" });
    const write = (part, value) => {
      if (value === undefined) list[index].length = part;
      else list[index][part] = value;
      this.changed();
    };
    const draw = (focus = null) => {
      const [path, name, value] = list[index];
      const meta = scope.meta(path);
      const fitting = page.vocabulary.operators.filter((one) => (!meta || one.kinds.includes(meta.kind)) && (!this.operators || this.operators.includes(one.name)));
      const operator = page.vocabulary.operators.find((one) => one.name === name);
      const which = picker({ label: words.field, value: path, words, placeholder: words.search_field, free: true, options: () => scope.options(), chosen: (next) => {
        const fits = page.vocabulary.operators.find((one) => one.name === list[index][1])?.kinds.includes(scope.meta(next)?.kind);
        list[index] = [next, fits ? list[index][1] : scope.meta(next)?.kind === "list" ? "contains" : scope.meta(next)?.kind === "rows" ? "is" : "="];
        this.changed();
        draw(".rule-operator");
      } });
      const how = choice("", name, fitting.map((one) => [one.name, one.label]), (next) => {
        const wanted = page.vocabulary.operators.find((one) => one.name === next)?.expects;
        list[index] = [path, next, ...(wanted === operator?.expects && list[index].length > 2 ? [list[index][2]] : [])];
        this.changed();
        draw(".rule-operator");
      });
      how.classList.add("rule-operator");
      how.setAttribute("aria-label", words.operator);
      const right = operandEditor({ meta, expects: operator?.expects || "value", value, put: (next) => write(2, next), scope: this.values || scope, page, label: words.value });
      right.classList.add("rule-value");
      row.replaceChildren(which, how, right);
      if (focus) row.querySelector(focus)?.focus();
    };
    draw();
    return row;
  }

  group(list, index, scope, at, redraw) {
    const kind = Object.keys(list[index])[0];
    const select = choice("", kind, this.page.vocabulary.groups, (next) => { list[index] = { [next]: list[index][kind] }; this.changed(); redraw(index); });
    select.setAttribute("aria-label", this.words.group_add);
    return make("div", { className: "rule-group" }, select, this.list(list[index][kind], scope, `${at}.${kind}`));
  }

  rows(list, index, scope, at, redraw) {
    const node = list[index];
    const { words, page } = this;
    const kind = page.vocabulary.row_kinds.find(([one]) => one in node)[0];
    const tables = scope.fields.record.tables.map((table) => [table.name, table.label]);
    const which = choice("", node[kind], tables, (next) => { node[kind] = next; this.changed(); redraw(index); });
    which.setAttribute("aria-label", words.table);
    const how = choice("", kind, page.vocabulary.row_kinds, (next) => {
      const { [kind]: table, is, ...rest } = node;
      list[index] = { [next]: table, ...rest, ...(next === "count_rows" ? { is: is || [">=", 1] } : {}) };
      this.changed();
      redraw(index);
    });
    how.setAttribute("aria-label", words.rows_add);
    const where = node.where ||= [];
    const head = make("div", { className: "rule-rows-head" }, which, how);
    if (kind === "count_rows") head.append(this.count(node, scope));
    return make("div", { className: "rule-group" }, head, make("small", { className: "text-muted", textContent: where.length ? words.rows_where : `${words.rows_where} ${words.every_row}` }), this.list(where, scope.rows(node[kind]), `${at}.where`));
  }

  count(node, scope) {
    const { words, page } = this;
    node.is ||= [">=", 1];
    const operators = page.vocabulary.operators.filter((one) => page.vocabulary.count_operators.includes(one.name) && ["value"].includes(one.expects));
    const how = choice("", node.is[0], operators.map((one) => [one.name, one.label]), (next) => { node.is[0] = next; this.changed(); });
    how.setAttribute("aria-label", words.operator);
    return make("div", { className: "rule-pair" }, how, operandEditor({ meta: { kind: "number" }, expects: "value", value: node.is[1], put: (next) => { node.is[1] = next; this.changed(); }, scope, page, label: words.count }));
  }

  text(node, key) {
    const input = make("input", { className: "form-control form-control-sm code", value: node[key], placeholder: this.words.formula, spellcheck: false, aria: { label: this.words.value_expr } });
    input.addEventListener("input", () => { node[key] = input.value; this.changed(); });
    return input;
  }

  concluded(node) {
    const { words, page } = this;
    return make("div", { className: "rule-pair" }, make("span", { textContent: words.conclusion }), picker({ label: words.conclusion, value: node.concluded, words, free: true, options: () => page.conclusions.map((name) => ({ value: name, title: name })), chosen: (name) => { node.concluded = name; this.changed(); } }));
  }
}
