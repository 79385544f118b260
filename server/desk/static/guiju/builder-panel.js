// The panel of what is selected: the properties of a field, in the order in which they are needed, or those of the record type.
import { breakOf } from "./builder-drawing.js";
import { conditionEditor } from "./builder-condition.js";
import { bilingual, bothOf, button, check, choice, enOf, make, said, textArea, textInput, zhOf } from "./builder-parts.js";
import { inNames } from "./builder-formula.js";
import { recordPanel } from "./builder-record.js";

const NUMBERS = new Set(["Float", "Currency", "Percent"]);
const SIGNED = new Set(["Int", "Float", "Currency", "Percent", "Duration"]);
const TEXTS = new Set(["Data", "Small Text", "Text", "Long Text"]);
const KINDS = [["", "—"], ["Email", "Email"], ["Phone", "Phone"], ["URL", "URL"]];

export class Panel {
  constructor(drawing, element, page) {
    Object.assign(this, { drawing, element, page, words: page.words });
    drawing.listen((what) => { if (what !== "canvas") this.draw(); });
    this.draw();
  }

  draw() {
    const { field } = this.drawing;
    this.element.replaceChildren(...(field ? this.fieldPanel(field) : recordPanel(this.drawing, this.page)));
  }

  set(raw, property, value, more) {
    this.drawing.set(raw, property, value, more);
  }

  text(raw, property, label, more) {
    return textInput(label, raw[property], (value) => this.set(raw, property, value), more);
  }

  number(raw, property, label) {
    return textInput(label, raw[property], (value) => this.set(raw, property, /^\d+$/.test(value) ? Number(value) : value), { inputMode: "numeric" });
  }

  flag(raw, property) {
    return check(this.words[property], raw[property], (value) => this.set(raw, property, value));
  }

  fieldPanel(field) {
    const { raw } = field;
    const type = this.page.types[raw.fieldtype] || {};
    const kind = breakOf(field);
    const parts = [this.head(field), ...this.labels(field)];
    if (!kind) parts.push(this.named(field), this.typed(field));
    parts.push(...this.options(raw));
    if (type.stored || type.rows) parts.push(make("div", { className: "builder-checks" }, ...["reqd", ...(type.stored ? ["in_list_view"] : []), "read_only", "hidden"].map((name) => this.flag(raw, name))));
    if (kind === "section") parts.push(make("div", { className: "builder-checks" }, this.flag(raw, "collapsible")));
    parts.push(...this.conditions(field, kind, type));
    if (!kind) parts.push(this.more(raw, type));
    return parts;
  }

  head(field) {
    const { words, drawing } = this;
    const tools = make("div", { className: "builder-panel-tools" },
      button("↑", () => drawing.move(-1, field), { title: words.up }), button("↓", () => drawing.move(1, field), { title: words.down }),
      button(words.copy, () => drawing.copy(field)), button(words.remove, () => drawing.remove(field)));
    for (const tool of tools.children) if (tool.title) tool.setAttribute("aria-label", tool.title);
    return make("div", { className: "builder-panel-head" }, make("h2", { textContent: this.title() }), tools);
  }

  title() {
    if (!this.drawing.selected.table) return this.words.field;
    return `${said(this.drawing.owner.raw.label, this.page.language) || this.drawing.owner.raw.name} · ${this.words.column}`;
  }

  // Both languages side by side; a field that nobody has named yet takes its fieldname from the English label.
  labels(field) {
    const { raw } = field;
    const put = (zh, en) => {
      const fresh = this.isFresh(field);
      this.drawing.change(() => {
        const label = bilingual(zh, en);
        if (label) raw.label = label;
        else delete raw.label;
        const child = raw.fieldtype === "Table" && !this.page.children[raw.options] && this.drawing.children.get(raw.options);
        if (child && label) child.raw.label = label; // a child table made here is called as its field
        const stem = en.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 40);
        if (fresh && stem) this.drawing.renameField(field, this.drawing.free(stem, this.drawing.owner, field.id));
      }, { stroke: `${field.id}/label`, quiet: true });
      const shown = this.element.querySelector("[data-fieldname]");
      if (shown) shown.value = raw.fieldname;
    };
    let [zh, en] = bothOf(raw.label);
    return [make("div", { className: "builder-pair" },
      textInput(this.words.label_zh, zh, (value) => { zh = value; put(zh, en); }),
      textInput(this.words.label_en, en, (value) => { en = value; put(zh, en); }))];
  }

  // Whether nothing is stored under this fieldname yet.
  isFresh({ raw }) {
    return !raw.oldfieldname && !this.drawing.stored(raw.fieldname);
  }

  // Rows find their record by the name of their table: that name stays.
  named(field) {
    const put = (value) => this.drawing.change(() => this.drawing.renameField(field, value), { stroke: `${field.id}/fieldname`, quiet: true });
    const box = textInput(this.words.fieldname, field.raw.fieldname, put, { spellcheck: false });
    const input = box.querySelector("input");
    const isTable = this.page.types[field.raw.fieldtype]?.rows;
    input.dataset.fieldname = "";
    input.readOnly = Boolean(isTable) && !this.isFresh(field);
    if (!this.isFresh(field)) box.append(make("small", { className: "text-muted", textContent: isTable ? this.words.table_kept : this.words.field_kept }));
    return box;
  }

  typed(field) {
    const types = this.page.palette.flatMap(([, items]) => items).filter(([name]) => !this.page.types[name].layout || this.page.types[field.raw.fieldtype]?.layout);
    return choice(this.words.fieldtype, field.raw.fieldtype, types.filter(([name]) => !name.endsWith("Break")), (value) => this.drawing.set(field.raw, "fieldtype", value, { quiet: false }));
  }

  // What `options` means depends on the type.
  options(raw) {
    const { words } = this;
    const put = (value) => this.set(raw, "options", value, { quiet: false });
    const records = this.page.doctypes.filter(([, , isTable]) => !isTable).map(([name, label]) => [name, label === name ? name : `${label} (${name})`]);
    switch (raw.fieldtype) {
      case "Link": return [choice(words.options_link, raw.options || "", [["", words.choose], ...records], put)];
      case "Table":
      case "Table MultiSelect": return [choice(words.options_table, raw.options || "", [["", words.choose], ...this.tables(), ["+", words.child_new]], (value) => put(value === "+" ? this.drawing.makeChild(raw.label) : value))];
      case "Select": return [textArea(words.options_choices, choicesText(raw), (value) => this.putChoices(raw, value), 5)];
      case "Autocomplete": return [textArea(words.options_lines, raw.options, (value) => this.set(raw, "options", value), 4)];
      case "Data": return [choice(words.options_kind, raw.options || "", KINDS, put)];
      case "Dynamic Link": return [this.fieldChoice(raw, words.options_field, (other) => other.raw.fieldtype === "Link" && other.raw.options === "DocType" || other.raw.fieldtype === "Select")];
      case "Image": return [this.fieldChoice(raw, words.options_field, (other) => other.raw.fieldtype === "Attach Image")];
      case "Rating": return [this.text(raw, "options", words.options_stars)];
      case "HTML": return [textArea(words.options_html, raw.options, (value) => this.set(raw, "options", value), 5)];
      default: return [];
    }
  }

  tables() {
    const known = this.page.doctypes.filter(([, , isTable]) => isTable).map(([name, label]) => [name, label === name ? name : `${label} (${name})`]);
    const made = [...this.drawing.children].filter(([name]) => !this.page.children[name]).map(([name, piece]) => [name, said(piece.raw.label, this.page.language)]);
    return [...made, ...known];
  }

  fieldChoice(raw, label, fits) {
    const fields = this.drawing.owner.fields.filter(fits).map((field) => [field.raw.fieldname, said(field.raw.label, this.page.language) || field.raw.fieldname]);
    return choice(label, raw.options || "", [["", this.words.choose], ...fields], (value) => this.set(raw, "options", value));
  }

  putChoices(raw, text) {
    const lines = text.split("\n").map((line) => line.split("|").map((part) => part.trim()));
    const labels = Object.fromEntries(lines.filter(([value, zh, en]) => value && (zh || en)).map(([value, zh, en]) => [value, bilingual(zh || en, en || zh)]));
    this.drawing.change(() => {
      raw.options = lines.map(([value]) => value).join("\n");
      if (Object.keys(labels).length) raw.option_labels = labels;
      else delete raw.option_labels;
    }, { stroke: `${this.drawing.selected.id}/options`, quiet: true });
  }

  conditions(field, kind, type) {
    if (kind === "column") return [];
    const names = ["depends_on", ...(type.stored || type.rows ? ["mandatory_depends_on", "read_only_depends_on"] : [])];
    const fields = this.drawing.owner.fields.filter((other) => other !== field);
    return names.map((name) => conditionEditor(this.words[name], field.raw[name], {
      fields, words: this.words, language: this.page.language, changed: (value) => this.set(field.raw, name, value),
    }));
  }

  more(raw, type) {
    const { words } = this;
    const flags = ["unique", "in_standard_filter", "print_hide", "no_copy", "set_only_once", "allow_on_submit"].filter(() => type.stored || type.rows);
    if (SIGNED.has(raw.fieldtype)) flags.push("non_negative");
    if (type.stored) flags.push("mask");
    if (type.rows) flags.push("fixed_rows");
    let [zh, en] = bothOf(raw.description);
    const hint = () => this.set(raw, "description", bilingual(zh, en));
    const parts = [
      make("div", { className: "builder-pair" },
        textInput(words.description_zh, zh, (value) => { zh = value; hint(); }),
        textInput(words.description_en, en, (value) => { en = value; hint(); })),
      make("div", { className: "builder-checks" }, ...flags.map((name) => this.flag(raw, name))),
    ];
    if (type.stored) parts.push(this.text(raw, "default", words.default), this.text(raw, "fetch_from", words.fetch_from), this.formula(raw));
    if (NUMBERS.has(raw.fieldtype)) parts.push(this.number(raw, "precision", words.precision));
    if (TEXTS.has(raw.fieldtype)) parts.push(this.number(raw, "length", words.length));
    if (type.stored || type.rows) parts.push(this.number(raw, "permlevel", words.permlevel), this.number(raw, "columns", words.columns_wide), this.sources(raw));
    return make("details", { className: "builder-more" }, make("summary", { textContent: words.more_settings }), ...parts);
  }

  // Titles of fields become names when the box is left: until then somebody may still be typing one.
  formula(raw) {
    const { words, drawing } = this;
    const box = this.text(raw, "formula", words.formula, { className: "form-control form-control-sm code", placeholder: words.formula_hint });
    const input = box.querySelector("input");
    input.addEventListener("change", () => {
      const named = inNames(input.value, drawing.owner, drawing.children);
      if (named === input.value) return;
      input.value = named;
      this.set(raw, "formula", named);
    });
    return box;
  }

  sources(raw) {
    return textInput(this.words.source, (raw.source || []).join(", "), (value) => {
      const clauses = value.split(/[,，\s]+/).filter(Boolean);
      this.set(raw, "source", clauses.length ? clauses : undefined);
    });
  }
}

function choicesText(raw) {
  return (raw.options || "").split("\n").map((value) => {
    const label = raw.option_labels?.[value.trim()];
    return label ? `${value} | ${zhOf(label)} | ${enOf(label)}` : value;
  }).join("\n");
}
