// What the forms of the workflow editor share: texts in two languages, chips of roles and fields, conditions.
import { bilingual, check, choice, enOf, make, textInput, zhOf } from "./builder-parts.js";
import { put } from "./rule-document.js";
import { chips, picker } from "./rule-picker.js";

export class Parts {
  constructor(page) { this.page = page; }

  touch() { this.page.doc.touch(); }

  // The title of a state, a step, a transition in both languages. `done(before, after)` hears the English one when it is left.
  titles(row, at, done = () => {}) {
    const { words } = this.page;
    let [zh, en] = [zhOf(row.title), enOf(row.title)];
    const before = en;
    const keep = () => { put(row, "title", bilingual(zh, en)); this.touch(); };
    const english = textInput(words.title_en, en, (value) => { en = value; keep(); });
    english.querySelector("input").addEventListener("change", () => done(before, en.trim()));
    const pair = make("div", { className: "builder-pair", dataset: { at: `${at}title` } }, textInput(words.title_zh, zh, (value) => { zh = value; keep(); }), english);
    return pair;
  }

  text(row, key, label, at, more = {}) {
    const box = textInput(label, row[key] ?? "", (value) => { put(row, key, value); this.touch(); }, more);
    box.dataset.at = `${at}${key}`;
    return box;
  }

  // `standard` is what holds where the file says nothing.
  check(row, key, label, at, standard = 0) {
    const box = check(label, row[key] ?? standard, (value) => { if (value === standard && !(key in row)) return; row[key] = value; this.touch(); });
    box.dataset.at = `${at}${key}`;
    return box;
  }

  choice(row, key, label, choices, at, done = () => {}) {
    const box = choice(label, row[key] ?? "", choices, (value) => { put(row, key, value); this.touch(); done(); });
    box.dataset.at = `${at}${key}`;
    return box;
  }

  picked(label, value, options, chosen) {
    return make("div", { className: "form-group" }, make("span", { className: "rule-label", textContent: label }), picker({ label, value, options: () => options, words: this.page.words, chosen }));
  }

  // A list of names as chips; `changed` hears it.
  names(label, values, options, changed, at) {
    const { words } = this.page;
    const titles = new Map(options.map((option) => [option.value, option.title]));
    const list = [...values];
    return make("div", { className: "form-group", dataset: { at } }, make("span", { className: "rule-label", textContent: label }),
      chips({ label, values: list, titleOf: (value) => titles.get(value) || value, words, changed: () => changed([...list]),
        add: (take) => picker({ label, value: "", placeholder: `＋ ${words.add}`, words, options: () => options.filter((option) => !list.includes(option.value)), chosen: take }) }));
  }

  listed(row, key, label, options, at) {
    const given = row[key];
    const values = Array.isArray(given) ? given : given ? [given] : [];
    return this.names(label, values, options, (list) => { put(row, key, list); this.touch(); }, `${at}${key}`);
  }

  sources(row, at) {
    const { words } = this.page;
    const box = textInput(words.source, (row.source || []).join(", "), (value) => { put(row, "source", value.split(/[,，、\s]+/).filter(Boolean)); this.touch(); });
    box.dataset.at = `${at}source`;
    return box;
  }

  condition(row, at) {
    return this.text(row, "condition", this.page.words.condition, at, { className: "form-control form-control-sm code", spellcheck: false, placeholder: "doc.amount > 5000" });
  }

  more(...parts) {
    return make("details", { className: "builder-more" }, make("summary", { textContent: this.page.words.more }), ...parts);
  }

  get roles() { return this.page.roles.map(([value, title]) => ({ value, title, detail: title === value ? "" : value })); }
  get fields() { return this.page.fields.map(({ name, label }) => ({ value: name, title: label, detail: name })); }
  fieldsTo(target) { return this.page.fields.filter((field) => field.target === target).map(({ name, label }) => ({ value: name, title: label, detail: name })); }
}

// Fields of a form that are wrong say so under themselves; returns what stands at none of them.
export function showFaultsIn(root, faults) {
  for (const old of root.querySelectorAll(".rule-fault")) old.remove();
  for (const marked of root.querySelectorAll(".has-rule-fault")) marked.classList.remove("has-rule-fault");
  const places = [...root.querySelectorAll("[data-at]")];
  const left = [];
  for (const fault of faults) {
    const fits = places.filter(({ dataset: { at } }) => fault.where === at || fault.where.startsWith(`${at}.`) || fault.where.startsWith(`${at}[`));
    const place = fits.sort((a, b) => b.dataset.at.length - a.dataset.at.length)[0];
    if (!place) { left.push(fault); continue; }
    place.classList.add("has-rule-fault");
    place.append(make("p", { className: "rule-fault", textContent: fault.message }));
    for (let box = place.closest("details"); box && root.contains(box); box = box.parentElement.closest("details")) box.classList.add("has-fault-inside");
  }
  return left;
}
