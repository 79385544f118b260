// What a rule is called, on which records it is judged, when, and since when.
import { bilingual, button, check, enOf, make, textArea, textInput, zhOf } from "./builder-parts.js";
import { put } from "./rule-document.js";
import { Scope } from "./rule-fields.js";
import { chips, picker } from "./rule-picker.js";
import { keptAsIs, lengthEditor, operandEditor, tools } from "./rule-values.js";

// A name that people can say, from the title.
export function nameFrom(title) {
  const english = enOf(title).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 80);
  return english || zhOf(title).replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60);
}

export function drawProperties(page, element) {
  const { words, doc } = page;
  const { raw } = doc;
  const isNew = page.name === null;
  const called = textInput(words.name, raw.name, (text) => { page.ownName = true; raw.name = text.trim(); doc.touch(); }, { readOnly: !isNew, spellcheck: false });
  const nameInput = called.querySelector("input");
  const title = (language) => (text) => {
    const [zh, en] = language === "zh" ? [text, enOf(raw.title)] : [zhOf(raw.title), text];
    put(raw, "title", bilingual(zh, en));
    if (isNew && !page.ownName) { raw.name = nameFrom(raw.title); nameInput.value = raw.name; }
    doc.touch();
  };
  const description = (language) => (text) => {
    put(raw, "description", language === "zh" ? bilingual(text, enOf(raw.description)) : bilingual(zhOf(raw.description), text));
    doc.touch();
  };
  const applies = picker({
    label: words.applies_to, value: raw.applies_to, words, placeholder: words.choose,
    options: () => page.doctypes.map(([name, label, module]) => ({ value: name, title: label, detail: name, group: module })),
    chosen: async (name) => { raw.applies_to = name; doc.touch(); await page.fields.load(name); page.draw(); },
  });
  applies.querySelector("input").id = "rule-applies";
  const scope = new Scope(page.fields);
  const days = () => scope.ownOptions().filter((option) => ["date", "datetime"].includes(scope.meta(option.value)?.kind));
  const list = (text) => text.split(/[,，\s]+/).filter(Boolean);
  const more = make("details", { className: "rule-more", open: page.moreOpen }, make("summary", { textContent: words.more_settings }), make("div", { className: "rule-grid" },
    called,
    textInput(words.source, (raw.source || []).join(", "), (text) => { raw.source = list(text); doc.touch(); }),
    textInput(words.priority, raw.priority ?? 100, (text) => { raw.priority = /^-?\d+$/.test(text.trim()) ? Number(text) : text; doc.touch(); }, { inputMode: "numeric" }),
    textInput(words.group, raw.group, (text) => { put(raw, "group", text.trim()); doc.touch(); }, { title: words.group_help }),
    textInput(words.valid_from, raw.valid_from, (text) => { put(raw, "valid_from", text); doc.touch(); }, { type: "date" }),
    textInput(words.valid_to, raw.valid_to, (text) => { put(raw, "valid_to", text); doc.touch(); }, { type: "date" }),
    make("div", { className: "form-group" }, make("span", { className: "rule-label", textContent: words.dated_by }), picker({ label: words.dated_by, value: raw.dated_by || "", words, placeholder: words.dated_by_none, options: days, chosen: (path) => { put(raw, "dated_by", path); doc.touch(); } })),
    make("div", { className: "form-group rule-wide", dataset: { at: "only_for" } }, make("span", { className: "rule-label", textContent: words.only_for }), onlyFor(page)),
    textArea(words.description_zh, zhOf(raw.description), description("zh"), 2),
    textArea(words.description_en, enOf(raw.description), description("en"), 2)));
  more.addEventListener("toggle", () => { page.moreOpen = more.open; });
  more.dataset.at = "name";
  const mark = (box, at) => { box.dataset.at = at; return box; };
  element.replaceChildren(
    make("div", { className: "rule-grid" }, mark(textInput(words.title_zh, zhOf(raw.title), title("zh")), "title"), textInput(words.title_en, enOf(raw.title), title("en")),
      mark(make("div", { className: "form-group" }, make("label", { htmlFor: "rule-applies", textContent: words.applies_to }), applies), "applies_to"),
      make("div", { className: "form-group rule-enabled" }, check(words.enabled, raw.enabled ?? 1, (ticked) => { put(raw, "enabled", ticked ? undefined : 0); if (!ticked) raw.enabled = 0; doc.touch(); }))),
    more, ...(raw.versions ? [keptAsIs({ versions: raw.versions }, page)] : []));
}

// Fields with the values for which alone the rule holds: a department, a customer.
function onlyFor(page) {
  const { words, doc } = page;
  const scope = new Scope(page.fields);
  const box = make("div", { className: "rule-values" });
  const draw = () => {
    const given = doc.raw.only_for && typeof doc.raw.only_for === "object" ? doc.raw.only_for : {};
    const write = (next) => { put(doc.raw, "only_for", Object.keys(next).length ? next : undefined); doc.touch(); };
    const lines = Object.keys(given).map((path) => make("div", { className: "rule-value-row" }, make("span", { textContent: scope.titleOf(path), title: path }), make("span", { textContent: "∈" }),
      operandEditor({ meta: scope.meta(path), expects: "list", value: Array.isArray(given[path]) ? given[path] : [given[path]], put: (values) => { given[path] = values; write(given); }, scope, page, label: words.value }),
      tools({ words, remove: () => { delete given[path]; write(given); draw(); } })));
    box.replaceChildren(...lines, picker({ label: words.only_for, value: "", words, placeholder: `＋ ${words.value_add}`, options: () => scope.options().filter((option) => !(option.value in given) && ["text", "number"].includes(scope.meta(option.value)?.kind)), chosen: (path) => { if (!path) return; write({ ...given, [path]: [] }); draw(); } }));
  };
  draw();
  return box;
}

// The events, and times after a field of the record.
export function drawEvents(page, element) {
  const { words, doc, vocabulary } = page;
  const { raw } = doc;
  const on = Array.isArray(raw.on) ? raw.on : (raw.on = ["validate"]);
  const scope = new Scope(page.fields);
  const record = page.fields.record;
  const known = vocabulary.events.map(([event]) => event);
  const boxes = vocabulary.events.filter(([event]) => event === "validate" || record.submittable !== false || on.includes(event)).map(([event, label]) => check(label, on.includes(event), (ticked) => {
    if (ticked) on.push(event);
    else on.splice(on.indexOf(event), 1);
    doc.touch();
  }));
  const isTime = (item) => item && typeof item === "object" && Object.keys(item).every((key) => ["after", "of"].includes(key));
  const isChange = (item) => item && Array.isArray(item.changed) && Object.keys(item).length === 1;
  const changedFields = (item) => chips({ label: words.on_changed, values: item.changed, titleOf: (path) => scope.titleOf(path), words, changed: () => doc.touch(), add: (take) => picker({ label: words.on_changed, value: "", words, placeholder: words.add_value, options: () => scope.ownOptions(), chosen: take }) });
  const lines = on.map((item, index) => {
    if (typeof item === "string" && known.includes(item)) return null;
    const remove = () => { on.splice(index, 1); doc.touch(); drawEvents(page, element); };
    const times = () => scope.ownOptions().filter((option) => ["date", "datetime"].includes(scope.meta(option.value)?.kind));
    const body = isTime(item)
      ? [lengthEditor(item.after, (value) => { item.after = value; doc.touch(); }, { page, label: words.length }), make("span", { textContent: words.time_after }), picker({ label: words.field, value: item.of, words, placeholder: words.search_field, options: times, chosen: (path) => { item.of = path; doc.touch(); } })]
      : isChange(item) ? [make("span", { textContent: words.on_changed }), changedFields(item)] : [keptAsIs(item, page)];
    return make("div", { className: "rule-time", dataset: { at: `on[${index}]` } }, ...body, tools({ words, remove }));
  });
  const add = button(`＋ ${words.time_add}`, () => { on.push({ after: "", of: "" }); doc.touch(); drawEvents(page, element); element.querySelector(".rule-time:last-of-type input")?.focus(); }, { className: "btn btn-light btn-sm" });
  const onChange = button(`＋ ${words.on_changed}`, () => { on.splice(0, on.length, { changed: [] }); doc.touch(); drawEvents(page, element); element.querySelector(".rule-time input")?.focus(); }, { className: "btn btn-light btn-sm" });
  element.replaceChildren(make("div", { className: "rule-events", dataset: { at: "on" } }, ...boxes, add, ...(on.some(isChange) ? [] : [onChange])), ...lines.filter(Boolean));
  page.showFaults();
}

