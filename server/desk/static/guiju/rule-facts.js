// Facts: named values from other records, from the record's rows, or between two of its times.
import { button, choice, make } from "./builder-parts.js";
import { Conditions } from "./rule-conditions.js";
import { put, renamed } from "./rule-document.js";
import { Scope } from "./rule-fields.js";
import { picker } from "./rule-picker.js";
import { keptAsIs, lengthEditor, tools } from "./rule-values.js";

const OVER_RECORDS = ["where", "of", "order_by", "period", "lock"];
const ANY = [...OVER_RECORDS, "each_row"];
const TIMES = ["date", "datetime"];
// Facts about two fields of the record: what each of them is called, and which kinds of field fit.
const PAIRS = {
  hours_between: [{ label: "fact_start", kinds: TIMES }, { label: "fact_end", kinds: TIMES }],
  working_hours_after: [{ label: "fact_start", kinds: TIMES }, { label: "fact_hours", kinds: ["number"] }],
};
const UNITS = ["day", "week", "month", "quarter", "half-year", "year"];
const NAME = /[^A-Za-z0-9_]+/g;

export class Facts {
  constructor(page, element) {
    Object.assign(this, { page, element });
  }

  get words() { return this.page.words; }
  get facts() { return this.page.doc.shown.facts || {}; }
  changed() { this.page.doc.touch(); }

  draw(focus = null) {
    const { words } = this;
    const names = Object.keys(this.facts);
    const add = button(`＋ ${words.fact_add}`, () => {
      let number = names.length + 1;
      while (`fact_${number}` in this.facts) number += 1;
      this.page.doc.shown.facts = { ...this.facts, [`fact_${number}`]: { count: "" } };
      this.changed();
      this.draw(`fact_${number}`);
    }, { className: "btn btn-light btn-sm rule-add" });
    this.element.replaceChildren(make("p", { className: "text-muted", textContent: words.facts_help }), ...names.map((name) => this.card(name)), add);
    for (const name of names) {
      const of = this.targetOf(this.facts[name]);
      if (of && !this.page.fields.known.has(of)) this.page.fields.load(of).then(() => this.draw());
    }
    if (focus) this.element.querySelector(`[data-fact="${focus}"] input`)?.focus();
    this.page.showFaults();
  }

  functionOf(fact) { return this.page.vocabulary.functions.map(([name]) => name).find((name) => name in (fact || {})); }

  // The DocType that a fact is gathered from; empty for the record's own rows and times.
  targetOf(fact) {
    const called = this.functionOf(fact);
    return ["count", "exists"].includes(called) ? fact[called] : fact?.of || "";
  }

  card(name) {
    const { words } = this;
    const fact = this.facts[name];
    const called = this.functionOf(fact);
    const at = `facts.${name}`;
    const input = make("input", { className: "form-control form-control-sm", value: name, aria: { label: words.fact_name }, spellcheck: false });
    input.addEventListener("change", () => {
      const next = input.value.trim().replace(NAME, "_").replace(/^@|^_+/, "");
      if (!next || (next !== name && next in this.facts)) { input.value = name; return; }
      const spoken = (part) => JSON.parse(JSON.stringify(part).replaceAll(`"@${name}"`, `"@${next}"`).replaceAll(`{@${name}}`, `{@${next}}`));
      const { versions, ...rest } = this.page.doc.shown;
      Object.assign(this.page.doc.shown, spoken(rest));
      if (versions && this.page.doc.number < 0) this.page.doc.raw.versions = versions.map((one) => (one?.facts ? one : spoken(one))); // those take the facts over
      this.page.doc.shown.facts = renamed(this.facts, name, next);
      this.changed();
      this.page.draw();
    });
    const remove = () => { const { [name]: gone, ...rest } = this.facts; put(this.page.doc.shown, "facts", Object.keys(rest).length ? rest : undefined); this.changed(); this.draw(); };
    const head = make("header", { className: "rule-card-head" }, make("span", { textContent: "@" }), input, make("small", { className: "text-muted", textContent: this.page.fields.facts[name]?.label || "" }), tools({ words, remove }));
    return make("article", { className: "rule-card", dataset: { at, fact: name } }, head, make("div", { className: "rule-card-body" }, ...(called ? this.body(fact, called, at) : [keptAsIs(fact, this.page)])));
  }

  labelled(label, editor, wide = false) {
    return make("div", { className: `rule-parameter${wide ? " rule-wide" : ""}` }, make("span", { className: "rule-label", textContent: label }), editor);
  }

  body(fact, called, at) {
    const { words, page } = this;
    const redo = (change) => (value) => { change(value); this.changed(); this.draw(); };
    const how = choice("", called, page.vocabulary.functions, redo((next) => this.become(fact, called, next)));
    how.setAttribute("aria-label", words.fact_function);
    const parts = [this.labelled(words.fact_function, how)];
    const tables = page.fields.record.tables.map((table) => [table.name, table.label]);
    if (tables.length || fact.each_row) parts.push(this.labelled(words.fact_each, choice("", fact.each_row || "", [["", words.each_none], ...tables], redo((next) => put(fact, "each_row", next)))));
    const own = new Scope(page.fields, fact.each_row ? { table: fact.each_row } : {});
    if (called in PAIRS) return [...parts, ...this.ends(fact, called, own)];
    const of = this.targetOf(fact);
    const counted = ["count", "exists"].includes(called);
    const doctypes = () => [...(counted ? [] : [{ value: "", title: words.fact_own }]), ...page.doctypes.map(([name, title]) => ({ value: name, title, detail: name }))];
    parts.push(this.labelled(words.fact_of, picker({ label: words.fact_of, value: of, words, placeholder: counted ? words.choose : words.fact_own, options: doctypes, chosen: redo((next) => { if (counted) fact[called] = next; else { put(fact, "of", next); fact[called] = ""; } }) })));
    const target = of ? new Scope(page.fields, { doctype: of }) : new Scope(page.fields);
    if (!counted) parts.push(this.labelled(words.fact_field, picker({ label: words.fact_field, value: fact[called], words, placeholder: words.search_field, options: () => (of ? target.ownOptions() : target.pathOptions().filter((option) => option.value.includes("."))), chosen: redo((next) => { fact[called] = next; }) })));
    if (of) parts.push(this.labelled(words.fact_lock, picker({ label: words.fact_lock, value: fact.lock, words, placeholder: words.fact_lock_none, options: () => own.ownOptions().filter((option) => own.meta(option.value)?.link), chosen: redo((next) => put(fact, "lock", next)) })));
    if (of) parts.push(...this.period(fact, target, at), this.where(fact, target, at));
    else if (!counted && String(fact[called]).includes(".")) parts.push(this.where(fact, new Scope(page.fields, { table: fact[called].split(".")[0] }), at));
    if (["first", "list"].includes(called)) parts.push(this.labelled(words.fact_order, picker({ label: words.fact_order, value: fact.order_by || "", words, free: true, options: () => target.ownOptions().flatMap((option) => [option, { ...option, value: `${option.value} desc`, title: `${option.title} ↓`, detail: `${option.value} desc` }]), chosen: (next) => { put(fact, "order_by", next); this.changed(); } })));
    const rest = Object.fromEntries(Object.entries(fact).filter(([key]) => key !== called && !ANY.includes(key)));
    if (Object.keys(rest).length) parts.push(keptAsIs(rest, page));
    return parts;
  }

  // The span of time in which other records count, told by a field of theirs.
  period(fact, target, at) {
    const { words, page } = this;
    const { period } = fact;
    const kind = ["this", "last", "rolling", "since"].find((one) => one in (period || {})) || "";
    const { [kind]: value, on } = period || {};
    const write = (next) => { put(fact, "period", next); this.changed(); };
    const how = choice("", kind, [["", words.period_none], ["this", words.period_this], ["last", words.period_last], ["rolling", words.period_rolling], ["since", words.period_since]], (next) => {
      write(next ? { [next]: { this: "month", last: "month", rolling: "30 d", since: "" }[next], ...(on ? { on } : {}) } : undefined);
      this.draw();
    });
    how.setAttribute("aria-label", words.period);
    const parts = [how];
    const record = new Scope(page.fields);
    const times = (scope) => () => scope.ownOptions().filter((option) => ["date", "datetime"].includes(scope.meta(option.value)?.kind));
    if (["this", "last"].includes(kind)) parts.push(choice("", value, UNITS.map((unit) => [unit, words[`unit_${unit}`]]), (unit) => write({ ...period, [kind]: unit })));
    if (kind === "rolling") parts.push(lengthEditor(value, (length) => write({ ...period, rolling: length }), { page, label: words.length }));
    if (kind === "since") parts.push(picker({ label: words.period_since, value, words, placeholder: words.search_field, options: times(record), chosen: (path) => write({ ...period, since: path }) }));
    if (kind) parts.push(picker({ label: words.period_on, value: on || "", words, placeholder: words.period_on, options: times(target), chosen: (path) => { const { on: gone, ...rest } = fact.period; write(path ? { ...rest, on: path } : rest); } }));
    const box = this.labelled(words.period, make("div", { className: "rule-pair" }, ...parts), true);
    box.dataset.at = `${at}.period`;
    const rest = Object.fromEntries(Object.entries(period || {}).filter(([key]) => ![kind, "on"].includes(key)));
    return [box, ...(Object.keys(rest).length ? [keptAsIs(rest, page)] : [])];
  }

  // Another function keeps what both have.
  become(fact, from, to) {
    const target = this.targetOf(fact);
    delete fact[from];
    if (to in PAIRS) { for (const key of OVER_RECORDS) delete fact[key]; fact[to] = ["", ""]; return; }
    if (["count", "exists"].includes(to)) { delete fact.of; fact[to] = target; return; }
    fact[to] = "";
    put(fact, "of", target);
  }

  ends(fact, called, scope) {
    const { words } = this;
    const fields = (kinds) => () => scope.options().filter((option) => kinds.includes(scope.meta(option.value)?.kind));
    return PAIRS[called].map(({ label, kinds }, index) => this.labelled(words[label], picker({ label: words[label], value: fact[called][index], words, placeholder: words.search_field, options: fields(kinds), chosen: (path) => { fact[called][index] = path; this.changed(); } })));
  }

  where(fact, target, at) {
    const where = fact.where || [];
    const changed = () => { put(fact, "where", where); this.changed(); };
    const others = Boolean(this.targetOf(fact));
    const conditions = new Conditions(this.page, { changed, operators: others ? this.page.vocabulary.fact_operators : null, only: "rows", values: fact.each_row ? new Scope(this.page.fields, { table: fact.each_row }) : others ? new Scope(this.page.fields) : null });
    return this.labelled(this.words.fact_where, conditions.list(where, target, `${at}.where`), true);
  }
}
