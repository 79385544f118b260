// Who may do what: a row for each role and permission level, a column for each right, and a choice that ticks what usually goes together.
import { button, choice, make, said } from "./builder-parts.js";

const RIGHTS = ["read", "write", "create", "delete", "submit", "cancel", "amend", "print", "email", "report", "export", "import", "share", "select", "mask"];
const SUBMITTING = new Set(["submit", "cancel", "amend"]);
const ABOVE_LEVEL_0 = new Set(["read", "write", "mask"]);
const PRESETS = {
  look: ["read", "print", "select"],
  fill: ["read", "write", "create", "print", "email", "select", "submit"],
  manage: RIGHTS,
};

export const rightsOf = (raw) => RIGHTS.filter((right) => Number(raw.is_submittable) || !SUBMITTING.has(right));
const wordOf = (words, right) => words[{ export: "export_right", import: "import_right", mask: "mask_right" }[right] || right];

export class Rights {
  constructor(drawing, element, page) {
    Object.assign(this, { drawing, element, page, words: page.words });
    this.preset = "fill";
    drawing.listen((what) => { if (what !== "selection") this.draw(); });
    this.draw();
  }

  change(edit) {
    const { raw } = this.drawing.main;
    this.drawing.change(() => { raw.permissions ||= []; edit(raw.permissions); });
  }

  draw() {
    const { raw } = this.drawing.main;
    const rights = rightsOf(raw);
    const rows = raw.permissions || [];
    if (Number(raw.istable)) {
      this.element.replaceChildren(make("p", { className: "text-muted", textContent: this.words.rights_of_parent }));
      return;
    }
    const heads = [this.words.role, this.words.level, this.words.preset, ...rights.map((right) => wordOf(this.words, right)), this.words.if_owner, ""];
    const head = make("tr", {}, ...heads.map((word) => make("th", { scope: "col", textContent: word })));
    const table = make("table", { className: "builder-rights" }, make("thead", {}, head), make("tbody", {}, ...rows.map((row, index) => this.line(row, index, rights))));
    this.element.replaceChildren(make("p", { className: "text-muted", textContent: this.words.rights_help }), make("div", { className: "builder-scroll" }, table), this.adder(rows, rights), ...this.unreadable(rows));
  }

  line(row, index, rights) {
    const title = new Map(this.page.roles).get(row.role) || row.role;
    const tick = (right, word, is_off) => {
      const input = make("input", { type: "checkbox", checked: Boolean(Number(row[right])), disabled: is_off, aria: { label: `${title} ${word}` } });
      input.addEventListener("change", () => this.change((all) => { if (input.checked) all[index][right] = 1; else delete all[index][right]; }));
      return make("td", { className: "builder-right" }, input);
    };
    const level = make("input", { type: "number", min: 0, max: 9, value: Number(row.permlevel || 0), className: "form-control form-control-sm", aria: { label: `${title} ${this.words.level}` } });
    level.addEventListener("change", () => this.change((all) => { if (Number(level.value)) all[index].permlevel = Number(level.value); else delete all[index].permlevel; }));
    const isAbove = Number(row.permlevel || 0) > 0;
    const named = Object.keys(PRESETS).find((name) => rights.every((right) => Boolean(Number(row[right])) === PRESETS[name].includes(right))) || "";
    const preset = choice("", named, [["", this.words.preset_own], ...Object.keys(PRESETS).map((name) => [name, this.words[`preset_${name}`]])], (name) => {
      if (name) this.change((all) => { all[index] = { ...this.given(name, rights), role: row.role, ...(row.if_owner ? { if_owner: 1 } : {}) }; });
    });
    preset.setAttribute("aria-label", `${title} ${this.words.preset}`);
    preset.disabled = isAbove;
    const drop = button("✕", () => this.change((all) => all.splice(index, 1)), { title: `${this.words.remove} ${title}`, aria: { label: `${this.words.remove} ${title}` } });
    return make("tr", {}, make("th", { scope: "row", textContent: title, title: row.role }), make("td", {}, level), make("td", {}, preset),
      ...rights.map((right) => tick(right, wordOf(this.words, right), isAbove && !ABOVE_LEVEL_0.has(right))), tick("if_owner", this.words.if_owner), make("td", {}, drop));
  }

  given(name, rights) {
    return Object.fromEntries(rights.filter((right) => PRESETS[name].includes(right)).map((right) => [right, 1]));
  }

  adder(rows, rights) {
    const { words, page } = this;
    const known = page.roles.map(([role, title]) => [role, rows.some((row) => row.role === role) ? `${title} ✓` : title]);
    const may = choice(words.preset_new, this.preset, Object.keys(PRESETS).map((name) => [name, words[`preset_${name}`]]), (name) => { this.preset = name; });
    const add = choice(words.role_add, "", [["", words.choose], ...known], (role) => {
      if (!role) return;
      const levels = rows.filter((row) => row.role === role).map((row) => Number(row.permlevel || 0));
      const level = levels.length ? Math.max(...levels) + 1 : 0; // the same role again: what it may do with fields of the next level
      this.change((all) => all.push(level ? { role, permlevel: level, read: 1, write: 1 } : { role, ...this.given(this.preset, rights) }));
    });
    return make("div", { className: "builder-adder" }, add, may);
  }

  // Fields of a level that no role may read: nobody would see them.
  unreadable(rows) {
    const levels = new Set(rows.filter((row) => Number(row.read)).map((row) => Number(row.permlevel || 0)));
    const hidden = this.drawing.main.fields.filter((field) => Number(field.raw.permlevel || 0) && !levels.has(Number(field.raw.permlevel)));
    if (!hidden.length) return [];
    const names = hidden.map((field) => `${said(field.raw.label, this.page.language) || field.raw.fieldname} (${field.raw.permlevel})`).join("、");
    return [make("p", { className: "text-warning", textContent: `${this.words.level_unread}${names}` })];
  }
}
