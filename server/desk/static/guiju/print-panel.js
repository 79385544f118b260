// The form of the chosen block, written from what its kind declares; of the format and its paper where none is chosen.
import { bilingual, bothOf, button, check, choice, make, textArea, textInput } from "./builder-parts.js";
import { editors } from "./print-editors.js";
import { blockAt, split } from "./print-places.js";
import { put } from "./rule-document.js";
import { chips, picker } from "./rule-picker.js";

const MARGINS = [20, 16, 16, 16];

export class PrintPanel {
  constructor(page, element) { Object.assign(this, { page, words: page.words, element, editors: editors(page) }); }

  get raw() { return this.page.doc.raw; }

  draw() {
    const block = blockAt(this.raw, this.page.selected);
    this.element.replaceChildren(...(block ? this.block(block) : this.format()));
  }

  // A block

  block(block) {
    const { page, words } = this;
    const kind = page.kinds.find((one) => one.name === block.kind);
    const { place, index } = split(page.selected);
    const tools = make("div", { className: "builder-panel-tools" },
      button("↑", () => page.canvas.step(place, -1), { ariaLabel: words.up, title: `${words.up} (Alt+↑)` }), button("↓", () => page.canvas.step(place, 1), { ariaLabel: words.down, title: `${words.down} (Alt+↓)` }),
      button(words.duplicate, () => page.canvas.duplicate(place)), button(words.remove, () => page.canvas.remove(place)), button(words.format, () => page.select("")));
    const head = make("div", { className: "builder-panel-head" }, make("h2", { textContent: `${index + 1} · ${kind?.label || block.kind}` }), tools);
    if (!kind) return [head];
    const parts = kind.properties.map((item) => this.edited(block, item, place));
    const more = make("details", { className: "builder-more", open: Boolean(block.only_if) }, make("summary", { textContent: words.more }), this.edited(block, page.only_if, place));
    return [head, make("div", { dataset: { at: place } }, ...parts, more)];
  }

  edited(block, item, place) {
    const editor = this.editors[item.type];
    const value = block[item.name];
    // The usual is not written down: the JSON says what is special.
    const changed = (given, redraw = false) => {
      if (given === item.usual || JSON.stringify(given) === JSON.stringify(item.usual)) delete block[item.name];
      else put(block, item.name, given);
      this.page.touch();
      if (redraw) { this.page.canvas.draw(); this.draw(); }
    };
    const box = editor(item, value ?? item.usual, changed, block);
    box.dataset.at = `${place}.${item.name}`;
    return box;
  }

  // The format

  format() {
    const { page, words, raw } = this;
    const text = (key, label, more = {}) => this.at(key, textInput(label, raw[key] ?? "", (value) => { put(raw, key, value); page.touch(); }, more));
    let [zh, en] = bothOf(raw.title);
    const keep = () => { put(raw, "title", bilingual(zh, en)); page.touch(); };
    const titles = this.at("title", make("div", { className: "builder-pair" }, textInput(words.title_zh, zh, (value) => { zh = value; keep(); }), textInput(words.title_en, en, (value) => { en = value; keep(); })));
    const doctype = this.at("doc_type", this.labelled(words.doc_type, picker({
      label: words.doc_type, value: raw.doc_type || "", words, options: () => page.doctypes.map(([value, title]) => ({ value, title, detail: value })),
      chosen: (value) => { put(raw, "doc_type", value); page.touch(); page.loadFields(); },
    })));
    const needs = this.at("needs", this.names(words.needs, raw.needs || [], (list) => { put(raw, "needs", list); page.touch(); }));
    const source = this.at("source", textInput(words.source, (raw.source || []).join(", "), (value) => { put(raw, "source", value.split(/[,，、\s]+/).filter(Boolean)); page.touch(); }));
    const said = (copy) => (typeof copy === "object" ? [copy.zh, copy.en].filter(Boolean).join("|") : copy);
    const copies = this.at("copies", textArea(words.copies, (raw.copies || []).map(said).join("\n"), (value) => {
      put(raw, "copies", value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => { const [first, second] = line.split("|").map((part) => part.trim()); return second ? { zh: first, en: second } : first; }));
      page.touch();
    }, 3));
    return [
      make("h2", { textContent: words.format }), text("name", words.name, { disabled: page.name !== null }), doctype, titles,
      make("div", { className: "builder-pair" }, text("form_number", words.form_number), text("form_version", words.form_version)),
      ...(raw.workbook !== undefined ? [] : [...this.paper(), copies]), make("details", { className: "builder-more", open: Boolean(raw.needs?.length) }, make("summary", { textContent: words.more }), needs, source),
    ];
  }

  at(key, box) { box.dataset.at = key; return box; }
  labelled(label, input) { return make("div", { className: "form-group" }, make("span", { className: "rule-label", textContent: label }), input); }

  // Fields as chips, `table.column` among them.
  names(label, values, changed) {
    const { page, words } = this;
    const options = page.everyField();
    const titles = new Map(options.map((option) => [option.value, option.title]));
    const list = [...values];
    return this.labelled(label, chips({ label, values: list, titleOf: (value) => titles.get(value) || value, words, changed: () => changed([...list]),
      add: (take) => picker({ label, value: "", placeholder: `＋ ${words.add}`, words, options: () => options.filter((option) => !list.includes(option.value)), chosen: take }) }));
  }

  paper() {
    const { words, raw } = this;
    const paper = raw.page || {};
    const isOwn = Array.isArray(paper.size);
    const write = (edit, redraw) => {
      const made = { ...paper, ...(raw.page || {}) };
      edit(made);
      for (const key of Object.keys(made)) if (made[key] === undefined) delete made[key];
      put(raw, "page", Object.keys(made).length ? made : undefined);
      this.page.touch();
      if (redraw) this.draw();
    };
    const size = choice(words.paper, isOwn ? "own" : paper.size || "A4", [["A4", "A4"], ["A5", "A5"], ["A3", "A3"], ["own", words.own_size]], (value) => write((made) => {
      made.size = value === "own" ? [100, 80] : value === "A4" ? undefined : value;
      made.margin_mm = undefined;
      if (value === "own") { made.orientation = undefined; made.running_head = undefined; }
    }, true));
    const number = (label, value, changed) => textInput(label, value, (typed) => changed(typed === "" ? null : Number(typed)), { type: "number", min: 0, step: "any" });
    const shape = isOwn
      ? [0, 1].map((side) => number(side ? words.paper_height : words.paper_width, paper.size[side], (value) => write((made) => { made.size = [...made.size]; made.size[side] = value; })))
      : [choice(words.orientation, paper.orientation || "portrait", [["portrait", words.portrait], ["landscape", words.landscape]], (value) => write((made) => { made.orientation = value === "portrait" ? undefined : value; }))];
    const usual = isOwn ? [3, 3, 3, 3] : MARGINS;
    const margins = Array.isArray(paper.margin_mm) ? [...paper.margin_mm] : paper.margin_mm != null ? [0, 1, 2, 3].map(() => paper.margin_mm) : [...usual];
    const sides = make("div", { className: "print-margins", role: "group", aria: { label: words.margins } }, ...margins.map((value, side) => {
      const input = make("input", { type: "number", className: "form-control form-control-sm", value, min: 0, max: 60, ariaLabel: words.margin_side.replace("{side}", side + 1) });
      input.addEventListener("input", () => { margins[side] = Number(input.value); write((made) => { made.margin_mm = margins.every((one, at) => one === usual[at]) ? undefined : [...margins]; }); });
      return input;
    }));
    const checks = [check(words.two_up, paper.two_up || 0, (value) => write((made) => { made.two_up = value || undefined; }))];
    if (!isOwn) checks.push(check(words.running_head, paper.running_head ?? 1, (value) => write((made) => { made.running_head = value ? undefined : 0; })));
    return [make("div", { dataset: { at: "page" } }, ...(isOwn ? [size, make("div", { className: "builder-pair" }, ...shape)] : [make("div", { className: "builder-pair" }, size, ...shape)]), this.labelled(words.margins, sides), ...checks)];
  }
}
