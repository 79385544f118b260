// The canvas of the report builder: title, columns that are dragged or moved by buttons, filters, conditions, order, pivot, chart, target.
import { besideLabel, besideParts } from "/static/guiju/report-beside.js";
import { columnCard } from "/static/guiju/report-column.js";
import { conditions } from "/static/guiju/report-conditions.js";
import { addColumn } from "/static/guiju/report-palette.js";
import { button, check, choice, column, freeKey, line, make, textOf, tidy, under } from "/static/guiju/report-parts.js";

const kept = { open: new Set(["columns"]), column: null };

export function drawCanvas(drawing, element) {
  const { raw } = drawing;
  const title = raw.title && typeof raw.title === "object" ? { ...raw.title } : { zh: raw.title || "", en: "" };
  const named = (name) => (value) => {
    title[name] = value; // what was typed into the other box stays
    raw.title = title.zh && title.en && title.zh !== title.en ? { ...title } : title.zh || title.en;
    drawing.changed(false);
  };
  const parts = [make("div", { className: "rb-line" }, line(drawing.words.title_zh, title.zh, named("zh"), { name: "title_zh" }), line(drawing.words.title_en, title.en, named("en")))];
  if (raw.ref_doctype && drawing.groups.length) parts.push(columns(drawing), filters(drawing), where(drawing), section("beside", drawing.words.beside, (raw.beside || []).length, ...besideParts(drawing)), order(drawing), pivot(drawing), chart(drawing), indicator(drawing));
  element.replaceChildren(...parts);
}

function section(name, label, count, ...children) {
  const details = make("details", { className: "rb-section", open: kept.open.has(name) }, make("summary", {}, make("h2", { textContent: label }), count ? make("span", { className: "count", textContent: count }) : null), ...children);
  details.addEventListener("toggle", () => (details.open ? kept.open.add(name) : kept.open.delete(name)));
  return details;
}

// Move something of a list, and keep the focus on the button that was pressed.
export function moved(drawing, list, from, to, selector) {
  if (to < 0 || to >= list.length) return;
  list.splice(to, 0, ...list.splice(from, 1));
  drawing.say(drawing.words.moved.replace("{n}", to + 1));
  drawing.changed();
  document.querySelectorAll(selector)[to]?.focus();
}

function columns(drawing) {
  const { words, raw } = drawing;
  const list = make("ul", { className: "plain rb-columns", dataset: { columns: "" } });
  (raw.columns || []).forEach((each, place) => list.append(columnCard(drawing, each, place, kept)));
  window.Sortable?.create(list, {
    group: { name: "columns", pull: false, put: true }, handle: "[data-handle]", animation: 120,
    onAdd: (event) => addColumn(drawing, event.item.dataset.path, event.newIndex),
    onUpdate: (event) => moved(drawing, raw.columns, event.oldIndex, event.newIndex, "[data-handle]"),
  });
  const count = button(`+ ${words.number}`, () => { (raw.columns ||= []).push({ count: "name", key: freeKey(drawing, "number") }); drawing.changed(); });
  const formula = button(`+ ${words.formula}`, () => {
    const keys = [...(raw.columns || []), ...(raw.beside || []).flatMap((other) => other.columns || [])].map((each) => column(each)).filter((each) => each.kind !== "value" && each.kind !== "expr").map((each) => each.key);
    raw.columns = [...(raw.columns || []), { expr: keys.slice(-2).join(" / ") || "1", key: freeKey(drawing, "formula"), fieldtype: "Float" }];
    kept.column = raw.columns.length - 1;
    drawing.changed();
  });
  return section("columns", words.columns, (raw.columns || []).length, make("p", { className: "hint", textContent: words.drop }), list, make("div", { className: "rb-line" }, count, formula));
}

function filters(drawing) {
  const { words, raw, page } = drawing;
  const list = make("ul", { className: "plain rb-rows" });
  (raw.filters || []).forEach((each, place) => {
    const item = typeof each === "string" ? { field: each } : each;
    const field = drawing.field(item.field);
    const keep = (name, value) => { item[name] = value; raw.filters[place] = tidy(item); drawing.changed(false); };
    const dated = ["date", "datetime"].includes(field?.kind);
    const choices = dated ? [["", words.any], ...page.spans] : field?.choices.length ? [["", words.any], ...field.choices] : null;
    const value = choices ? choice(words.default, item.default || "", choices, (chosen) => keep("default", chosen)) : line(words.default, item.default, (typed) => keep("default", typed));
    const remove = button("×", () => { raw.filters.splice(place, 1); drawing.changed(); }, { className: "rb-plus", aria: { label: `${words.remove}: ${field?.label || item.field}` } });
    list.append(make("li", { className: "rb-line" }, make("strong", { textContent: field?.label || item.field }), value, check(words.required, item.reqd, (on) => keep("reqd", on ? 1 : "")), remove));
  });
  return section("filters", words.filters, (raw.filters || []).length, list);
}

function where(drawing) {
  const { words, raw } = drawing;
  return section("where", words.where, (raw.where || []).length, conditions(drawing, raw.where || [], (found) => { raw.where = found; if (!found.length) delete raw.where; drawing.changed(false); }));
}

function keysOf(drawing, wanted = () => true) {
  const own = (drawing.raw.columns || []).map(column).filter(wanted).map((each) => [each.key, labelOf(drawing, each)]);
  const beside = (drawing.raw.beside || []).flatMap((other) => (other.columns || []).map(column).filter(wanted).map((each) => [each.key, besideLabel(drawing, other, each)]));
  return [...own, ...beside];
}

export function labelOf(drawing, each) {
  const own = textOf(each.raw.label, drawing.page.language);
  const name = own || drawing.field(each.path)?.label || each.path || each.key;
  return own || each.kind === "value" || each.kind === "expr" ? name : `${name} (${drawing.words[each.kind]})`;
}

const isKey = (each) => each.kind === "value";
const isMeasure = (each) => each.kind !== "value";

function order(drawing) {
  const { words, raw } = drawing;
  const parts = String(raw.order_by || "").split(",").map((part) => part.trim().split(/\s+/)).filter(([key]) => key);
  const keep = (number, key, down) => {
    parts[number] = [key, down ? "desc" : ""];
    raw.order_by = parts.filter(([each]) => each).map((part) => part.filter(Boolean).join(" ")).join(", ");
    if (!raw.order_by) delete raw.order_by;
    drawing.changed();
  };
  const lines = [...parts, ["", ""]].slice(0, 3).map(([key, direction], number) => make("div", { className: "rb-line" },
    choice(`${words.sort} ${number + 1}`, key, [["", words.none], ...keysOf(drawing)], (chosen) => keep(number, chosen, direction === "desc")),
    check(words.descending, direction === "desc", (on) => keep(number, key, on))));
  const limit = line(words.limit, raw.limit || "", (value) => { raw.limit = Number(value) || 0; if (!raw.limit) delete raw.limit; drawing.changed(false); }, { type: "number", min: 0 });
  const totals = check(words.totals, raw.totals, (on) => { if (on) raw.totals = 1; else delete raw.totals; drawing.changed(false); });
  return section("order", words.sort, parts.length, ...lines, make("div", { className: "rb-line" }, limit, totals));
}

function several(drawing, label, choices, chosen, changed) {
  const boxes = choices.map(([key, words]) => check(words, chosen.includes(key), (on) => changed(choices.map(([each]) => each).filter((each) => (each === key ? on : chosen.includes(each))))));
  return make("fieldset", { className: "rb-several" }, make("legend", { textContent: label }), ...boxes);
}

function pivot(drawing) {
  const { words, raw } = drawing;
  const keep = (across, values) => {
    if (across && values.length) raw.pivot = { ...raw.pivot, across, values }; else delete raw.pivot;
    drawing.changed();
  };
  const measures = keysOf(drawing, isMeasure), values = raw.pivot?.values || [];
  const parts = [choice(words.across, raw.pivot?.across || "", [["", words.none], ...keysOf(drawing, isKey)], (across) => keep(across, values.length ? values : measures.slice(0, 1).map(([key]) => key)))];
  if (raw.pivot) parts.push(several(drawing, words.values, measures, values, (found) => keep(raw.pivot.across, found)));
  return section("pivot", words.pivot, raw.pivot ? 1 : 0, make("div", { className: "rb-line" }, ...parts));
}

function chart(drawing) {
  const { words, raw, page } = drawing;
  const now = raw.chart || {}, keys = keysOf(drawing, isKey), measures = keysOf(drawing, isMeasure);
  const time = (raw.columns || []).map(column).find((each) => each.raw.by)?.key; // runs along the bottom
  const first = time || keys[0]?.[0];
  const y = typeof now.y === "string" ? [now.y] : now.y || [];
  const keep = (changes) => {
    const type = changes.type ?? now.type;
    if (!type) delete raw.chart;
    else if (type === "gauge") raw.chart = { type };
    else raw.chart = tidy({ ...now, x: now.x || first, y: y.length ? y : measures.slice(0, 1).map(([key]) => key), ...(type === "heatmap" ? { across: now.across || keys.find(([key]) => key !== (now.x || first))?.[0] } : {}), ...changes, type });
    drawing.changed();
  };
  const types = [["", words.none], ...page.charts.map((type) => [type, words[type]])];
  const parts = [choice(words.chart, now.type || "", types, (type) => keep({ type }))];
  if (now.type && now.type !== "gauge") {
    parts.push(choice(words.x, now.x || "", keys, (x) => keep({ x })));
    if (now.type === "heatmap") parts.push(choice(words.across, now.across || "", keys, (across) => keep({ across })));
    parts.push(several(drawing, words.y, measures, y, (found) => keep({ y: found })));
    if (now.type === "bar") parts.push(check(words.stacked, now.stacked, (on) => keep({ stacked: on ? 1 : "" })));
  }
  return section("chart", words.chart, now.type ? 1 : 0, make("div", { className: "rb-line" }, ...parts));
}

function indicator(drawing) {
  const { words, raw } = drawing;
  const now = raw.indicator || {};
  const keep = (changes) => {
    const found = { at_least: now.at_most === undefined ? 0 : undefined, ...now, ...changes };
    raw.indicator = found.value ? Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined && value !== "")) : undefined;
    if (!raw.indicator) delete raw.indicator;
    drawing.changed();
  };
  const number = (name, value) => keep(name === "warn_at" ? { warn_at: value === "" ? undefined : Number(value) } : { at_least: undefined, at_most: undefined, [name]: Number(value) || 0 });
  const parts = [choice(words.value, now.value || "", [["", words.none], ...keysOf(drawing, isMeasure)], (value) => keep({ value }))];
  if (now.value) {
    const side = now.at_most !== undefined ? "at_most" : "at_least";
    parts.push(choice(words.indicator, side, [["at_least", words.at_least], ["at_most", words.at_most]], (name) => number(name, now[side])));
    parts.push(under(words[side], Object.assign(line("", now[side], (value) => number(side, value), { type: "number", step: "any" }))));
    parts.push(line(words.warn_at, now.warn_at ?? "", (value) => number("warn_at", value), { type: "number", step: "any" }));
    parts.push(line(words.unit, now.unit, (unit) => keep({ unit: unit || undefined }), { size: 6 }));
  }
  return section("indicator", words.indicator, now.value ? 1 : 0, make("div", { className: "rb-line" }, ...parts));
}
