// The tests beside the rule: what is given, what should follow, and what the server says came of it.
import { button, enOf, make, said, zhOf } from "./builder-parts.js";
import { put } from "./rule-document.js";
import { Scope } from "./rule-fields.js";
import { chips, picker, recordPicker } from "./rule-picker.js";
import { keptAsIs, tools, valueEditor } from "./rule-values.js";

export class Tests {
  constructor(page, element) {
    Object.assign(this, { page, element, open: new Set(), results: [] });
  }

  get words() { return this.page.words; }
  get tests() { const rule = this.page.doc.shown; return Array.isArray(rule.tests) ? rule.tests : (rule.tests = []); }
  changed() { this.page.doc.touch(); }

  draw() {
    const { words } = this;
    const add = button(`＋ ${words.test_add}`, () => { this.tests.push({ title: "", doc: this.asked(), then: [] }); this.opened(this.tests.length - 1); }, { className: "btn btn-light btn-sm" });
    const fromRecord = button(words.test_record, () => this.chooseRecord(), { className: "btn btn-light btn-sm", disabled: !this.page.doc.raw.applies_to });
    this.summary = make("p", { className: "rule-tests-summary", role: "status" });
    this.notice = make("p", { className: "text-muted", hidden: true });
    this.element.replaceChildren(make("small", { className: "text-muted", textContent: words.tests_help }), this.summary, ...this.tests.map((test, index) => this.card(test, index)), make("div", { className: "rule-adders" }, add, fromRecord), this.notice);
    this.show(this.results);
    this.page.showFaults();
  }

  // The fields that the conditions ask, still without values.
  asked() {
    const scope = new Scope(this.page.fields);
    const own = new Set(scope.own.map((one) => one.path));
    const found = (node) => (!node || typeof node !== "object" ? [] : Array.isArray(node) && typeof node[0] === "string" ? [node[0], ...found(node[2])] : [...(typeof node.path === "string" ? [node.path] : []), ...["all", "any", "none"].flatMap((key) => node[key] || []).flatMap(found), ...(Array.isArray(node) ? node.flatMap(found) : [])]);
    return Object.fromEntries(found(this.page.doc.shown.when).filter((path) => own.has(path)).map((path) => [path, null]));
  }

  opened(index) {
    this.open.clear();
    this.open.add(index);
    this.changed();
    this.draw();
    this.element.querySelector(`[data-at="tests[${index}]"] input`)?.focus();
  }

  // What the server says of each test.
  show(results) {
    const { words } = this;
    this.results = results;
    const run = results.filter(Boolean);
    const failed = run.filter((one) => !one.passed).length;
    this.summary.className = `rule-tests-summary ${!run.length ? "" : failed ? "is-bad" : "is-good"}`;
    this.summary.textContent = !this.tests.length ? words.no_tests : !run.length ? words.not_run : failed ? words.some_failed.replace("{failed}", failed).replace("{number}", run.length) : words.all_passed.replace("{number}", run.length);
    this.element.querySelectorAll("[data-result]").forEach((box) => this.result(box, results[Number(box.dataset.result)]));
  }

  result(box, result) {
    const { words } = this;
    const card = box.closest(".rule-test");
    card.classList.toggle("is-good", Boolean(result?.passed));
    card.classList.toggle("is-bad", Boolean(result && !result.passed));
    card.querySelector(".rule-test-mark").textContent = !result ? "○" : result.passed ? "✓" : "✗";
    card.querySelector(".rule-test-mark").title = !result ? words.not_run : result.passed ? words.passed : words.failed;
    box.replaceChildren();
    if (!result) { box.append(make("small", { className: "text-muted", textContent: words.not_run })); return; }
    if (!result.passed) box.append(make("p", { className: "rule-test-message", textContent: result.message }));
    const lines = [...result.said.map((text) => make("li", { className: "rule-said", textContent: `“${text}”` })), ...result.conditions.map((one) => this.condition(one))];
    if (lines.length) box.append(make("details", { open: !result.passed }, make("summary", { textContent: words.why }), make("ul", { className: "rule-trace" }, ...lines)));
  }

  condition(one) {
    const { words } = this;
    const mark = one.holds === true ? "✓" : one.holds === false ? "✗" : "–";
    const text = [one.label, one.operator, one.expected].filter(Boolean).join(" ");
    const line = make("li", { className: one.holds === false ? "is-bad" : one.holds ? "is-good" : "" }, make("span", { textContent: `${mark} ${text}` }));
    if (one.actual) line.append(make("small", { textContent: `　${words.actual} ${one.actual}` }));
    if (one.parts.length) line.append(make("ul", { className: "rule-trace" }, ...one.parts.map((part) => this.condition(part))));
    return line;
  }

  card(test, index) {
    const { words, page } = this;
    if (!test || typeof test !== "object" || Array.isArray(test)) return keptAsIs(test, page);
    const mark = make("span", { className: "rule-test-mark", textContent: "○" });
    const remove = () => { this.tests.splice(index, 1); this.open.clear(); this.changed(); this.draw(); };
    const title = said(test.title, page.language) || `${words.tests} ${index + 1}`;
    const head = make("summary", {}, mark, make("span", { className: "rule-test-title", textContent: title }), make("small", { className: "text-muted", textContent: `→ ${this.expected(test)}` }));
    const body = make("div", { className: "rule-test-body" });
    const fold = make("details", { open: this.open.has(index) }, head, body);
    const box = make("div", { className: "rule-test", dataset: { at: `tests[${index}]` } }, fold, make("div", { className: "rule-test-result", dataset: { result: index } }));
    const fill = () => { if (!body.children.length) body.append(...this.form(test, index, box), button(words.test_remove, remove, { className: "btn btn-light btn-sm rule-test-remove" })); };
    if (fold.open) fill();
    fold.addEventListener("toggle", () => { if (fold.open) { fill(); this.open.add(index); page.showFaults(); } else this.open.delete(index); });
    return box;
  }

  labelOf(kind) { return this.page.vocabulary.forms.find((form) => form.kind === kind)?.label || kind; }
  expected(test) { return (test.then || []).map((kind) => this.labelOf(kind)).join("、") || this.words.nothing; }

  form(test, index, box) {
    const { words, page } = this;
    const { doc: document } = page;
    const touched = () => { this.changed(); box.querySelector("summary small").textContent = `→ ${this.expected(test)}`; };
    const title = make("input", { className: "form-control form-control-sm", value: said(test.title, page.language), aria: { label: words.test_title }, placeholder: words.test_title });
    title.addEventListener("input", () => {
      const two = test.title && typeof test.title === "object";
      test.title = two ? { zh: zhOf(test.title), en: enOf(test.title), [page.language === "zh" ? "zh" : "en"]: title.value } : title.value;
      box.querySelector(".rule-test-title").textContent = title.value;
      this.changed();
    });
    const scope = new Scope(page.fields);
    test.doc ||= {};
    const parts = [title, this.heading(words.given), this.record(test.doc, scope, `tests[${index}].doc`, touched), this.heading(words.expected), this.kinds(test, touched)];
    const more = make("details", { className: "rule-more", open: ["facts", "old", "now", "user", "values", "faults", "concluded", "event"].some((key) => test[key] !== undefined) }, make("summary", { textContent: words.test_more }));
    if (Object.keys(document.shown.facts || {}).length || test.facts || this.linked(scope).length) more.append(this.heading(words.given_facts), this.facts(test, scope, touched));
    more.append(this.heading(words.test_values), this.holder(test, "values", scope, `tests[${index}].values`, touched));
    more.append(this.heading(words.old), this.holder(test, "old", scope, `tests[${index}].old`, touched));
    more.append(this.heading(words.test_user), this.roles(test, touched), this.heading(words.test_now), valueEditor({ kind: "datetime" }, test.now, (value) => { put(test, "now", value); touched(); }, { page, label: words.test_now }));
    more.append(this.heading(words.test_said), this.texts(test, touched));
    return [...parts, more];
  }

  heading(text) { return make("strong", { className: "rule-test-heading", textContent: text }); }

  // Fields and their values; child tables row by row.
  record(values, scope, at, touched) {
    const { words, page } = this;
    const box = make("div", { className: "rule-given" });
    const tables = scope.table || scope.doctype ? [] : scope.fields.record.tables;
    const draw = () => {
      const lines = Object.keys(values).map((name) => {
        const table = tables.find((one) => one.name === name);
        const remove = () => { delete values[name]; touched(); draw(); };
        if (table && Array.isArray(values[name])) return this.rows(values, table, scope, at, touched, remove);
        const meta = scope.meta(name);
        const label = meta?.label || name;
        return make("div", { className: "rule-given-row", dataset: { at: `${at}.${name}` } }, make("span", { textContent: label, title: name }), valueEditor(meta, values[name], (value) => { values[name] = value === "" ? null : value; touched(); }, { page, label }), tools({ words, remove }));
      });
      const options = () => [...scope.ownOptions(), ...tables.map((table) => ({ value: table.name, title: table.label, detail: table.name }))].filter((option) => !(option.value in values));
      box.replaceChildren(...lines, picker({ label: words.value_add, value: "", words, placeholder: `＋ ${words.value_add}`, options, chosen: (name) => {
        if (!name) return;
        values[name] = tables.some((table) => table.name === name) ? [{}] : null;
        touched();
        draw();
        box.children[Object.keys(values).length - 1]?.querySelector("input, select")?.focus();
      } }));
      page.showFaults();
    };
    draw();
    return box;
  }

  rows(values, table, scope, at, touched, remove) {
    const { words } = this;
    const list = values[table.name];
    const box = make("div", { className: "rule-given-table", dataset: { at: `${at}.${table.name}` } });
    const draw = () => box.replaceChildren(make("div", { className: "rule-given-row" }, make("span", { textContent: table.label }), make("span"), tools({ words, remove })),
      ...list.map((row, index) => make("div", { className: "rule-given-line" }, make("small", { textContent: words.row.replace("{number}", index + 1) }), tools({ words, remove: () => { list.splice(index, 1); touched(); draw(); } }), this.record(row, scope.rows(table.name), `${at}.${table.name}[${index}]`, touched))),
      button(`＋ ${words.row_add}`, () => { list.push({}); touched(); draw(); }, { className: "btn btn-light btn-sm" }));
    draw();
    return box;
  }

  // Values that may be absent altogether.
  holder(test, key, scope, at, touched) {
    const values = test[key] || {};
    return this.record(values, scope, at, () => { put(test, key, Object.keys(values).length ? values : undefined); touched(); });
  }

  kinds(test, touched) {
    const { words } = this;
    const kinds = () => {
      const found = (this.page.doc.shown.then || []).flatMap((item) => {
        const kind = Object.keys(item || {}).find((key) => this.page.vocabulary.forms.some((form) => form.kind === key));
        return kind === "table" ? (item.table.outputs || []).map((output) => this.page.vocabulary.outputs.map(([name]) => name).find((name) => name in output)) : [kind];
      });
      return [...new Set(found.filter(Boolean))].map((kind) => ({ value: kind, title: this.labelOf(kind), detail: kind }));
    };
    const values = test.then ||= [];
    return chips({ label: words.expected, values, titleOf: (kind) => this.labelOf(kind), words, changed: touched, add: (take) => picker({ label: words.expected, value: "", words, placeholder: values.length ? words.add_value : words.nothing, options: kinds, chosen: take }) });
  }

  // Fields of linked records that the rule speaks of, which a test gives like facts.
  linked(scope) {
    const spoken = JSON.stringify({ ...this.page.doc.alone, tests: [] });
    return scope.all.filter((one) => one.source === "link" && spoken.includes(`${one.path}`));
  }

  facts(test, scope, touched) {
    const names = [...Object.keys(this.page.doc.shown.facts || {}), ...this.linked(scope).map((one) => one.path)];
    const values = test.facts || {};
    const { page } = this;
    const lines = [...new Set([...names, ...Object.keys(values)])].map((name) => {
      const meta = scope.meta(name) || scope.meta(`@${name}`);
      const label = meta?.label || name;
      return make("div", { className: "rule-given-row" }, make("span", { textContent: label, title: name }), valueEditor(meta, values[name], (value) => { put(values, name, value); if (value === false || value === 0) values[name] = value; put(test, "facts", Object.keys(values).length ? values : undefined); touched(); }, { page, label }));
    });
    return make("div", { className: "rule-given" }, ...lines);
  }

  roles(test, touched) {
    const { words, page } = this;
    const values = [...(test.user?.roles || [])];
    const changed = () => { const user = { ...test.user, roles: values }; if (!values.length) delete user.roles; put(test, "user", Object.keys(user).length ? user : undefined); touched(); };
    const titleOf = (role) => page.roles.find(([name]) => name === role)?.[1] || role;
    return chips({ label: words.test_user, values, titleOf, words, changed, add: (take) => picker({ label: words.test_user, value: "", words, placeholder: words.add_value, options: () => page.roles.map(([role, title]) => ({ value: role, title, detail: role })), chosen: take }) });
  }

  texts(test, touched) {
    const { words } = this;
    const values = [...(test.faults || [])];
    return chips({ label: words.test_said, values, titleOf: (text) => text, words, changed: () => { put(test, "faults", [...values]); touched(); }, add: (take) => picker({ label: words.test_said, value: "", words, placeholder: words.add_value, free: true, options: () => [], chosen: take }) });
  }

  // A record that is there: the server gives what the reader may see of it.
  chooseRecord() {
    const { words, page } = this;
    const { element, actions, close, open } = page.dialog(words.test_choose);
    const doctype = page.doc.raw.applies_to;
    const told = make("p", { className: "text-danger", hidden: true, role: "alert" });
    element.insertBefore(recordPicker({ doctype, label: words.test_choose, value: "", words, placeholder: words.search_record, chosen: (record) => { if (record) take(record); } }), actions);
    element.insertBefore(told, actions);
    const take = async (record) => {
      const answer = await page.send("sample", { ...(record ? { record } : {}), rule: JSON.stringify(page.doc.alone) });
      if (answer.faults) { told.textContent = answer.faults.map((fault) => fault.message).join(" "); told.hidden = false; return; }
      close();
      this.tests.push(answer.test);
      this.opened(this.tests.length - 1);
      const notes = [...(answer.happened ? [words.test_happened] : []), ...(answer.withheld.length ? [words.test_withheld + answer.withheld.join("、")] : [])];
      this.notice.textContent = notes.join(" ");
      this.notice.hidden = !notes.length;
    };
    element.insertBefore(make("p", { className: "text-muted", textContent: words.test_made_up_help }), actions);
    actions.append(button(words.test_made_up, () => take(null)), button(words.close, close));
    open();
  }
}
