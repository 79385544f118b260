// The blocks of a design as a list that is dragged, chosen and moved by keyboard; above it the palette of kinds.
import { button, make, said } from "./builder-parts.js";
import { blockAt, listOf, placeIn, split } from "./print-places.js";

export class PrintCanvas {
  constructor(page, element) {
    Object.assign(this, { page, words: page.words, faults: new Set() });
    this.kinds = new Map(page.kinds.map((kind) => [kind.name, kind]));
    this.palette = make("div", { className: "print-palette", role: "group", aria: { label: this.words.palette } });
    for (const kind of page.kinds) this.palette.append(button(kind.label, () => this.add(kind.name), { className: "builder-type", dataset: { kind: kind.name } }));
    window.Sortable?.create(this.palette, { group: { name: "blocks", pull: "clone", put: false }, sort: false });
    this.list = make("div", { className: "print-list", role: "group", aria: { label: this.words.design } });
    this.suggest = button(this.words.suggest, () => this.begin(), { className: "btn btn-light btn-sm print-suggest" });
    element.append(make("h2", { className: "admin-heading", textContent: this.words.palette }), this.palette, make("h2", { className: "admin-heading", textContent: this.words.design }), this.list, this.suggest, make("p", { className: "text-muted print-help", textContent: this.words.help }));
    this.list.addEventListener("click", (event) => page.select(event.target.closest("[data-place]")?.dataset.place || ""));
    this.list.addEventListener("keydown", (event) => this.onKey(event));
  }

  get raw() { return this.page.doc.raw; }

  draw() {
    this.list.replaceChildren(this.listed("blocks", this.words.empty));
    this.suggest.hidden = !this.page.suggested.length || this.raw.blocks?.length > 1;
    this.mark();
  }

  listed(name, empty) {
    const list = make("ul", { className: "print-blocks", dataset: { list: name, empty } }, ...listOf(this.raw, name).map((block, index) => this.card(block, placeIn(name, index))));
    const fits = (item) => name === "blocks" || this.kinds.get(item.dataset.kind)?.beside;
    window.Sortable?.create(list, {
      group: { name: "blocks", put: (to, from, item) => fits(item) }, draggable: ".print-block", animation: 120,
      onAdd: (event) => this.dropped(event, name), onUpdate: (event) => this.move(event.from.dataset.list, event.oldDraggableIndex, name, event.newDraggableIndex),
    });
    return list;
  }

  card(block, place) {
    const kind = this.kinds.get(block?.kind);
    const card = make("li", { className: "print-block", tabIndex: 0, dataset: { place, kind: block?.kind || "" }, aria: { label: `${kind?.label || block?.kind}: ${this.summary(block || {})}` } },
      make("strong", { textContent: kind?.label || block?.kind }), make("small", { textContent: this.summary(block || {}) }));
    if (block?.kind === "columns") {
      const cells = Array.isArray(block.cells) ? block.cells : [];
      const row = make("div", { className: "print-cells" }, ...cells.map((cell, index) => this.listed(`${place}.cells[${index}]`, this.words.empty)));
      row.style.setProperty("--cells", cells.length || 1);
      card.append(row);
    }
    return card;
  }

  // What a block holds, in one line.
  summary(block) {
    const { page } = this;
    const named = (list, table) => (list || []).map((one) => page.labelOf(one?.field ?? one, table)).join("、");
    if (block.kind === "fields") return named(block.names);
    if (block.kind === "table" || block.kind === "checklist") return `${page.labelOf(block.table)}: ${named(block.columns, block.table)}`;
    if (block.kind === "signatures") return (block.boxes || []).map((box) => (box.field ? page.labelOf(box.field) : said(box.text, page.language))).join("、");
    if (block.kind === "html") return (block.html || "").slice(0, 60);
    if (block.kind === "code") return block.content && block.content !== "address" ? page.labelOf(block.content) : this.words.address;
    if (block.text || block.title) return said(block.text || block.title, page.language);
    return block.field ? page.labelOf(block.field) : block.table ? page.labelOf(block.table) : "";
  }

  // What a new block says from the start.
  fresh(name) {
    const { page } = this;
    const [table, columns] = Object.entries(page.tables)[0] || ["", []];
    const block = { kind: name };
    if (name === "section") block.text = { zh: "小标题", en: "Heading" };
    else if (name === "text") block.text = { zh: "文字", en: "Text" };
    else if (name === "fields") block.names = page.fields.filter((field) => !(field.name in page.tables)).slice(0, 4).map((field) => field.name);
    else if (name === "table" || name === "checklist") Object.assign(block, { table, columns: columns.slice(0, 5).map((column) => ({ field: column.name })) });
    else if (name === "photos") Object.assign(block, { table, column: columns.find((column) => column.type === "Attach Image")?.name || "" });
    else if (name === "image") block.field = page.fields.find((field) => field.type === "Attach Image")?.name || "";
    else if (name === "paragraph") block.field = page.fields.find((field) => field.type.includes("Text"))?.name || "";
    else if (name === "signatures") block.boxes = [{ text: { zh: "编制", en: "Prepared by" } }, { text: { zh: "批准", en: "Approved by" } }];
    else if (name === "columns") Object.assign(block, { widths: [60, 40], cells: [[], []] });
    else if (name === "html") block.html = "<p>{{ doc.name }}</p>";
    return block;
  }

  // From the palette by a press: after what is chosen, else at the end.
  add(name) {
    const chosen = split(this.page.selected);
    const inside = chosen && chosen.list !== "blocks" && !this.kinds.get(name)?.beside;
    const [list, index] = inside ? ["blocks", split(chosen.place.replace(/\.cells.*$/, "")).index + 1] : chosen ? [chosen.list, chosen.index + 1] : ["blocks", listOf(this.raw, "blocks").length];
    this.put(list, index, this.fresh(name));
  }

  put(list, index, block) {
    if (!Array.isArray(this.raw.blocks)) return;
    this.page.change(() => listOf(this.raw, list).splice(index, 0, block));
    this.page.select(placeIn(list, index));
    this.focus(placeIn(list, index));
  }

  begin() {
    this.page.change(() => { this.raw.blocks = structuredClone(this.page.suggested); });
  }

  dropped(event, list) {
    const { kind } = event.item.dataset;
    const index = event.newDraggableIndex;
    if (event.item.matches(".builder-type")) {
      const before = [...event.to.children].slice(0, [...event.to.children].indexOf(event.item)).filter((one) => one.matches(".print-block")).length;
      event.item.remove();
      this.put(list, before, this.fresh(kind));
    } else this.move(event.from.dataset.list, event.oldDraggableIndex, list, index);
  }

  move(from, old, to, index) {
    const [source, target] = [listOf(this.raw, from), listOf(this.raw, to)];
    const block = source[old];
    this.page.change(() => { source.splice(old, 1); target.splice(index, 0, block); });
    const place = this.placeOf(block);
    this.page.select(place);
    this.focus(place);
  }

  placeOf(block) {
    return [...this.list.querySelectorAll("[data-place]")].map((card) => card.dataset.place).find((place) => blockAt(this.raw, place) === block) || "";
  }

  remove(place) {
    const { list, index } = split(place);
    this.page.change(() => listOf(this.raw, list).splice(index, 1));
    const left = listOf(this.raw, list).length;
    this.page.select(left ? placeIn(list, Math.min(index, left - 1)) : "");
    if (left) this.focus(this.page.selected);
  }

  duplicate(place) {
    const { list, index } = split(place);
    this.put(list, index + 1, structuredClone(blockAt(this.raw, place)));
  }

  step(place, by) {
    const { list, index } = split(place);
    if (index + by >= 0 && index + by < listOf(this.raw, list).length) this.move(list, index, list, index + by);
  }

  onKey(event) {
    const card = event.target.closest("[data-place]");
    if (!card || event.target !== card) return;
    const { place } = card.dataset;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by) {
      event.preventDefault();
      if (event.altKey) { this.step(place, by); return; }
      const all = [...this.list.querySelectorAll("[data-place]")];
      const next = all[all.indexOf(card) + by]?.dataset.place;
      if (next) { this.page.select(next); this.focus(next); }
    } else if (event.key === "Delete") this.remove(place);
    else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.page.select(place);
      document.querySelector("[data-panel] :is(input, select, textarea)")?.focus();
    }
  }

  focus(place) { this.list.querySelector(`[data-place="${place}"]`)?.focus(); }

  setFaults(places) {
    this.faults = places;
    this.mark();
  }

  mark() {
    for (const card of this.list.querySelectorAll("[data-place]")) {
      const { place } = card.dataset;
      card.classList.toggle("is-selected", place === this.page.selected);
      card.classList.toggle("is-wrong", this.faults.has(place));
    }
  }
}
