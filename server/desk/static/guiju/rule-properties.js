// What a rule is called, on which records it is judged, when, and since when.
import { bilingual, bothOf, button, check, choice, enOf, make, said, textArea, textInput, zhOf } from "./builder-parts.js";
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
  const { raw, shown } = doc;
  const isNew = page.name === null && shown === raw;
  const called = textInput(words.name, raw.name, (text) => { page.ownName = true; raw.name = text.trim(); doc.touch(); }, { readOnly: page.name !== null, spellcheck: false });
  const nameInput = called.querySelector("input");
  // Both texts of the rule, each in its box.
  const texts = (key, labels, box) => {
    const both = bothOf(shown[key]);
    return both.map((text, index) => box(labels[index], text, (typed) => {
      both[index] = typed;
      put(shown, key, bilingual(...both));
      if (key === "title" && isNew && !page.ownName) { raw.name = nameFrom(raw.title); nameInput.value = raw.name; }
      doc.touch();
    }));
  };
  const [titleZh, titleEn] = texts("title", [words.title_zh, words.title_en], textInput);
  const descriptions = texts("description", [words.description_zh, words.description_en], (label, text, typed) => textArea(label, text, typed, 2));
  const mark = (box, at) => { box.dataset.at = at; return box; };
  const list = (text) => text.split(/[,，\s]+/).filter(Boolean);
  const more = make("details", { className: "rule-more", open: page.moreOpen }, make("summary", { textContent: words.more_settings }), make("div", { className: "rule-grid" },
    ...(shown === raw ? [mark(called, "name")] : []),
    mark(textInput(words.source, (shown.source || []).join(", "), (text) => { shown.source = list(text); doc.touch(); }), "source"),
    mark(textInput(words.priority, shown.priority ?? 100, (text) => { shown.priority = /^-?\d+$/.test(text.trim()) ? Number(text) : text; doc.touch(); }, { inputMode: "numeric" }), "priority"),
    mark(choice(words.on_failure, shown.on_failure || "", [["", words.on_failure_usual], ["refuse", words.on_failure_refuse], ["record", words.on_failure_record]], (next) => { put(shown, "on_failure", next); doc.touch(); }), "on_failure"),
    ...(shown === raw ? ofTheWhole(page, mark) : []),
    ...descriptions));
  more.addEventListener("toggle", () => { page.moreOpen = more.open; });
  const enabled = (ticked) => { if (!ticked) shown.enabled = 0; else if (shown === raw) delete raw.enabled; else shown.enabled = 1; doc.touch(); };
  element.replaceChildren(
    make("div", { className: "rule-grid" }, mark(titleZh, "title"), titleEn,
      ...(shown === raw ? [mark(make("div", { className: "form-group" }, make("label", { htmlFor: "rule-applies", textContent: words.applies_to }), appliesTo(page)), "applies_to")] : []),
      make("div", { className: "form-group rule-enabled" }, check(words.enabled, shown.enabled ?? 1, enabled))),
    more);
}

function appliesTo(page) {
  const { words, doc } = page;
  const box = picker({
    label: words.applies_to, value: doc.raw.applies_to, words, placeholder: words.choose,
    options: () => page.doctypes.map(([name, label, module]) => ({ value: name, title: label, detail: name, group: module })),
    chosen: async (name) => { doc.raw.applies_to = name; doc.touch(); await page.drawFor(name); },
  });
  box.querySelector("input").id = "rule-applies";
  return box;
}

// What all versions have in common: the days, the group and the set, for whom it is meant.
function ofTheWhole(page, mark) {
  const { words, doc } = page;
  const { raw } = doc;
  const scope = new Scope(page.fields);
  const days = () => scope.ownOptions().filter((option) => ["date", "datetime"].includes(scope.meta(option.value)?.kind));
  const known = (key) => [...new Set(page.rules.map((rule) => rule[key]).filter(Boolean))].sort().map((name) => ({ value: name, title: name }));
  const labelled = (label, ...parts) => make("div", { className: "form-group" }, make("span", { className: "rule-label", textContent: label }), ...parts);
  const members = make("div", { className: "rule-members" });
  const drawMembers = () => {
    const shown = { name: raw.name, title: said(raw.title, page.language) || raw.name, priority: Number(raw.priority ?? 100) };
    const others = page.rules.filter((rule) => rule.group === raw.group && rule.applies_to === raw.applies_to && rule.name !== raw.name);
    const inTurn = raw.group ? [...others, shown].sort((one, other) => one.priority - other.priority || (one.name < other.name ? -1 : 1)) : [];
    members.replaceChildren(make("small", { className: "text-muted", textContent: words.group_help }), ...(inTurn.length ? [make("ol", {}, ...inTurn.map((rule) => make("li", {}, rule === shown ? make("strong", { textContent: rule.title }) : make("a", { href: `?${new URLSearchParams({ name: rule.name })}`, textContent: rule.title }), make("small", { className: "text-muted", textContent: ` ${rule.priority}` }))))] : []));
  };
  drawMembers();
  return [
    mark(textInput(words.valid_from, raw.valid_from, (text) => { put(raw, "valid_from", text); doc.touch(); }, { type: "date" }), "valid_from"),
    mark(textInput(words.valid_to, raw.valid_to, (text) => { put(raw, "valid_to", text); doc.touch(); }, { type: "date" }), "valid_to"),
    mark(labelled(words.dated_by, picker({ label: words.dated_by, value: raw.dated_by || "", words, placeholder: words.dated_by_none, options: days, chosen: (path) => { put(raw, "dated_by", path); doc.touch(); } })), "dated_by"),
    mark(labelled(words.rule_set, picker({ label: words.rule_set, value: raw.rule_set || "", words, free: true, options: () => known("rule_set"), chosen: (name) => { put(raw, "rule_set", name); doc.touch(); } })), "rule_set"),
    mark(make("div", { className: "form-group rule-wide" }, make("span", { className: "rule-label", textContent: words.group }), picker({ label: words.group, value: raw.group || "", words, free: true, options: () => known("group"), chosen: (name) => { put(raw, "group", name); doc.touch(); drawMembers(); } }), members), "group"),
    make("div", { className: "form-group rule-wide", dataset: { at: "only_for" } }, make("span", { className: "rule-label", textContent: words.only_for }), onlyFor(page)),
  ];
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
  const on = Array.isArray(raw.on) ? raw.on : ["validate"];
  const touched = () => { raw.on = on; doc.touch(); };
  const scope = new Scope(page.fields);
  const record = page.fields.record;
  const known = vocabulary.events.map(([event]) => event);
  const boxes = vocabulary.events.filter(([event]) => event === "validate" || record.submittable !== false || on.includes(event)).map(([event, label]) => check(label, on.includes(event), (ticked) => {
    if (ticked) on.push(event);
    else on.splice(on.indexOf(event), 1);
    touched();
  }));
  const isTime = (item) => item && typeof item === "object" && Object.keys(item).every((key) => ["after", "of"].includes(key));
  const isChange = (item) => item && Array.isArray(item.changed) && Object.keys(item).length === 1;
  const changedFields = (item) => chips({ label: words.on_changed, values: item.changed, titleOf: (path) => scope.titleOf(path), words, changed: touched, add: (take) => picker({ label: words.on_changed, value: "", words, placeholder: words.add_value, options: () => scope.ownOptions(), chosen: take }) });
  const lines = on.map((item, index) => {
    if (typeof item === "string" && known.includes(item)) return null;
    const remove = () => { on.splice(index, 1); touched(); drawEvents(page, element); };
    const times = () => scope.ownOptions().filter((option) => ["date", "datetime"].includes(scope.meta(option.value)?.kind));
    const body = isTime(item)
      ? [lengthEditor(item.after, (value) => { item.after = value; touched(); }, { page, label: words.length }), make("span", { textContent: words.time_after }), picker({ label: words.field, value: item.of, words, placeholder: words.search_field, options: times, chosen: (path) => { item.of = path; touched(); } })]
      : item?.schedule && typeof item.schedule === "object" ? [make("span", { textContent: words.on_schedule }), ...scheduleEditor(item.schedule, words, touched, () => drawEvents(page, element))]
      : item?.transition && typeof item.transition === "object" ? [make("span", { textContent: words.on_transition }), ...wayEditor(item.transition, words, touched)]
      : isChange(item) ? [make("span", { textContent: words.on_changed }), changedFields(item)] : [keptAsIs(item, page)];
    return make("div", { className: "rule-time", dataset: { at: `on[${index}]` } }, ...body, tools({ words, remove }));
  });
  const add = button(`＋ ${words.time_add}`, () => { on.push({ after: "", of: "" }); touched(); drawEvents(page, element); element.querySelector(".rule-time:last-of-type input")?.focus(); }, { className: "btn btn-light btn-sm" });
  const onChange = button(`＋ ${words.on_changed}`, () => { on.splice(0, on.length, { changed: [] }); touched(); drawEvents(page, element); element.querySelector(".rule-time input")?.focus(); }, { className: "btn btn-light btn-sm" });
  const onSchedule = button(`＋ ${words.on_schedule}`, () => { on.push({ schedule: { every: "day", at: "08:00" } }); touched(); drawEvents(page, element); }, { className: "btn btn-light btn-sm" });
  const onWay = button(`＋ ${words.on_transition}`, () => { on.push({ transition: { action: "" } }); touched(); drawEvents(page, element); }, { className: "btn btn-light btn-sm" });
  element.replaceChildren(make("div", { className: "rule-events", dataset: { at: "on" } }, ...boxes, add, onSchedule, onWay, ...(on.some(isChange) ? [] : [onChange])), ...lines.filter(Boolean));
  page.showFaults();
}


// Each day, workday, week, month or year at a time of day.
function scheduleEditor(schedule, words, touched, redraw) {
  const units = ["day", "workday", "week", "month", "year"].map((unit) => [unit, words[`every_${unit}`]]);
  const every = choice("", schedule.every, units, (unit) => {
    Object.assign(schedule, { every: unit });
    put(schedule, "on", { week: ["monday"], month: [1], year: ["01-01"] }[unit]);
    if (["day", "workday"].includes(unit)) put(schedule, "if_holiday", undefined);
    touched();
    redraw();
  });
  every.setAttribute("aria-label", words.on_schedule);
  const parts = [every];
  if (["week", "month", "year"].includes(schedule.every)) {
    const given = [schedule.on ?? []].flat();
    const input = make("input", { className: "form-control form-control-sm", value: given.join(", "), placeholder: words[`days_of_${schedule.every}`], title: words[`days_of_${schedule.every}`], aria: { label: words[`days_of_${schedule.every}`] } });
    input.addEventListener("input", () => { schedule.on = input.value.split(/[,，]/).map((one) => one.trim()).filter(Boolean).map((one) => (/^\d+$/.test(one) ? Number(one) : one)); touched(); });
    const moved = choice("", schedule.if_holiday || "stay", ["stay", "next", "before", "skip"].map((one) => [one, words[`holiday_${one}`]]), (one) => { put(schedule, "if_holiday", one === "stay" ? undefined : one); touched(); });
    moved.setAttribute("aria-label", words.holiday);
    parts.push(input, moved);
  }
  const at = make("input", { className: "form-control form-control-sm", type: "time", value: schedule.at || "00:00", aria: { label: words.clock } });
  at.addEventListener("input", () => { schedule.at = at.value; touched(); });
  return [...parts, at];
}

// A way in the workflow: by which action, from which state, to which.
function wayEditor(way, words, touched) {
  return ["action", "from", "to"].map((part) => {
    const input = make("input", { className: "form-control form-control-sm", value: [way[part] ?? []].flat().join(", "), placeholder: words[`way_${part}`], aria: { label: words[`way_${part}`] } });
    input.addEventListener("input", () => {
      const names = input.value.split(/[,，]/).map((one) => one.trim()).filter(Boolean);
      put(way, part, names.length > 1 ? names : names[0]);
      touched();
    });
    return input;
  });
}
