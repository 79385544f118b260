// The panel of the record type itself: names, numbering, what it is.
import { bilingual, bothOf, button, check, choice, enOf, make, said, textInput, zhOf } from "./builder-parts.js";

export function recordPanel(drawing, page) {
  const { raw } = drawing.main;
  const { words } = page;
  const put = (property, value, more) => drawing.set(raw, property, value, more);
  let [zh, en] = bothOf(raw.label);
  const label = () => drawing.change(() => {
    if (page.isNew) follow(drawing, enOf(raw.label) || zhOf(raw.label), en);
    const text = bilingual(zh, en);
    if (text) raw.label = text;
    else delete raw.label;
    const shown = document.querySelector("[data-record-name]");
    if (shown) shown.value = raw.name || "";
  }, { stroke: "label", quiet: true });
  const flags = ["is_submittable", "istable", "issingle", "allow_rename", "quick_entry"].map((name) => check(words[name], raw[name], (value) => put(name, value, { quiet: false })));
  const tree = Number(raw.istable) || Number(raw.issingle) ? [] : [check(words.is_tree, raw.is_tree, (value) => drawing.plant(value, bilingual(words.above_zh, words.above_en)))];
  const tracks = check(words.track_changes, raw.track_changes ?? 1, (value) => drawing.change(() => { if (value) delete raw.track_changes; else raw.track_changes = 0; }));
  const parts = [
    make("div", { className: "builder-panel-head" }, make("h2", { textContent: words.doctype })),
    make("div", { className: "builder-pair" },
      textInput(words.label_zh, zh, (value) => { zh = value; label(); }),
      textInput(words.label_en, en, (value) => { en = value; label(); })),
    nameInput(drawing, page),
    moduleChoice(raw, page, put),
    make("div", { className: "builder-checks" }, ...flags, ...tree, tracks),
  ];
  if (!Number(raw.istable) && !Number(raw.issingle)) parts.push(...numbering(drawing, page, put), titleChoice(drawing, page, put), searchInput(raw, words, put));
  parts.push(textInput(words.source, (raw.source || []).join(", "), (value) => {
    const clauses = value.split(/[,，\s]+/).filter(Boolean);
    put("source", clauses.length ? clauses : undefined);
  }));
  if (!Number(raw.istable)) parts.push(permissions(drawing, page));
  return parts;
}

// By what modules are called on the desk; one that is not there yet is typed.
function moduleChoice(raw, page, put) {
  const { words, modules } = page;
  const box = choice(words.module, raw.module || "site", [...modules, ["", words.module_new]], (value) => {
    if (value) return put("module", value);
    const typed = textInput(words.module, "", (text) => put("module", text.trim() || "site"));
    box.replaceWith(typed);
    typed.querySelector("input").focus();
  });
  return box;
}

const nameFrom = (text) => (text.match(/[A-Za-z0-9]+/g) || []).map((word) => word[0].toUpperCase() + word.slice(1)).join(" ").slice(0, 60);
const seriesFrom = (name) => `${(name.match(/[A-Za-z0-9]+/g) || ["XX"]).map((word) => word[0]).join("").toUpperCase().padEnd(2, "X")}-.YYYY.-.#####`;

// Until somebody types them, the name follows the English title and the series the name.
function follow(drawing, before, title) {
  const { raw, fields } = drawing.main;
  if (raw.name && raw.name !== nameFrom(before)) return;
  const series = fields.find((field) => field.raw.fieldname === "naming_series");
  const follows = series && series.raw.options === seriesFrom(raw.name || "");
  drawing.rename(nameFrom(title));
  if (follows) Object.assign(series.raw, { options: seriesFrom(raw.name), default: seriesFrom(raw.name) });
}

function nameInput(drawing, page) {
  const { words } = page;
  const box = textInput(words.name, drawing.main.raw.name, (value) => drawing.change(() => drawing.rename(value), { stroke: "name", quiet: true }), { spellcheck: false });
  box.querySelector("input").dataset.recordName = "";
  if (!page.isNew) box.append(make("small", { className: "text-muted", textContent: words.published_name }));
  return box;
}

const KINDS = [["naming_series:", "naming_series"], ["field:", "naming_field"], ["Prompt", "naming_prompt"], ["hash", "naming_hash"], ["", "naming_other"]];
const kindOf = (rule) => (KINDS.find(([start]) => start && (rule || "hash").toLowerCase().startsWith(start.toLowerCase())) || KINDS.at(-1))[0];

function numbering(drawing, page, put) {
  const { words } = page;
  const { raw, fields } = drawing.main;
  const kind = kindOf(raw.autoname);
  const choose = (value) => drawing.change(() => {
    raw.autoname = value || "format:XX-{YYYY}-{#####}";
    if (value === "field:") raw.autoname += fields.find((field) => page.types[field.raw.fieldtype]?.stored)?.raw.fieldname || "";
    if (value === "naming_series:") drawing.main.fields = [seriesField(drawing), ...fields.filter((field) => field.raw.fieldname !== "naming_series")];
  });
  const parts = [choice(words.naming, kind, KINDS.map(([value, word]) => [value, words[word]]), choose)];
  const series = fields.find((field) => field.raw.fieldname === "naming_series");
  if (kind === "naming_series:" && series) {
    parts.push(textInput(words.series, (series.raw.options || "").split("\n")[0], (value) => drawing.change(() => {
      const [, ...others] = (series.raw.options || "").split("\n");
      Object.assign(series.raw, { options: [value, ...others].join("\n"), default: value });
    }, { stroke: "series", quiet: true }), { className: "form-control form-control-sm code" }));
  } else if (kind === "field:") {
    const named = fields.filter((field) => page.types[field.raw.fieldtype]?.stored).map((field) => [`field:${field.raw.fieldname}`, said(field.raw.label, page.language) || field.raw.fieldname]);
    parts.push(choice(words.naming_field, raw.autoname, named, (value) => put("autoname", value)));
  } else if (kind === "") parts.push(textInput(words.naming_rule, raw.autoname, (value) => put("autoname", value), { className: "form-control form-control-sm code" }), make("small", { className: "builder-help text-muted", textContent: words.naming_help }));
  const next = page.nextName ? `${words.next_name}${page.nextName}` : "";
  parts.push(make("p", { className: "builder-next", dataset: { nextName: "" }, textContent: next, aria: { live: "polite" } }));
  return parts;
}

function seriesField(drawing) {
  const present = drawing.main.fields.find((field) => field.raw.fieldname === "naming_series");
  const series = seriesFrom(drawing.main.raw.name || "");
  return present || drawing.wrap({ fieldname: "naming_series", fieldtype: "Select", label: { zh: "编号规则", en: "Series" }, options: series, default: series, hidden: 1 });
}

function titleChoice(drawing, page, put) {
  const named = drawing.main.fields.filter((field) => page.types[field.raw.fieldtype]?.stored).map((field) => [field.raw.fieldname, said(field.raw.label, page.language) || field.raw.fieldname]);
  return choice(page.words.title_field, drawing.main.raw.title_field || "", [["", "—"], ...named], (value) => put("title_field", value));
}

function searchInput(raw, words, put) {
  const shown = Array.isArray(raw.search_fields) ? raw.search_fields.join(", ") : raw.search_fields;
  return textInput(words.search_fields, shown, (value) => put("search_fields", value));
}

// Who may do something, in short; the grid of all rights stands in its own view.
function permissions(drawing, page) {
  const { words } = page;
  const titles = new Map(page.roles);
  const rows = drawing.main.raw.permissions || [];
  const names = [...new Set(rows.map((row) => titles.get(row.role) || row.role))];
  const open = button(words.rights_open, () => document.querySelector("[data-view-name=rights]")?.click());
  return make("section", {}, make("h3", { className: "admin-heading", textContent: words.permissions }), make("p", { className: "builder-roles", textContent: names.join("、") || words.rights_none }), open);
}
