// The keys of a spreadsheet in a child table: arrows move, Shift extends a block, Ctrl+D fills down, Ctrl+C copies a block out,
// Delete empties it, Ctrl+Z takes the last change back. Pasting is grid-paste.js, rows are grid-rows.js.
import { blockOf, pasteBlock } from "./grid-paste.js";
import { duplicateRows, insertRow, removeRows } from "./grid-rows.js";
import { writeBlock } from "./rule-sheet.js";
import { plain } from "./form-values.js";

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const COPIED_PLAIN = new Set(["number", "date", "datetime", "time", "duration"]);

export class Sheet {
  constructor(grid) {
    this.grid = grid;
    this.from = this.to = null;
    const { body } = grid;
    body.addEventListener("focusin", (event) => this.onFocus(event));
    body.addEventListener("keydown", (event) => this.onKey(event), { capture: true }); // before the link list and the calendar
    body.addEventListener("pointerdown", (event) => this.onPress(event));
    body.addEventListener("pointerover", (event) => this.onDrag(event));
    body.addEventListener("copy", (event) => this.onCopy(event));
    body.addEventListener("cut", (event) => { if (this.onCopy(event)) this.clear(); });
    body.addEventListener("paste", (event) => this.onPaste(event));
  }

  place(element) {
    const cell = element.closest?.("td[data-column]");
    const column = this.grid.columns.findIndex((field) => field.fieldname === cell?.dataset.column);
    return column < 0 ? null : { row: Number(cell.closest("tr").dataset.index), column };
  }

  get isBlock() {
    return Boolean(this.from) && (this.from.row !== this.to.row || this.from.column !== this.to.column);
  }

  get block() {
    const [rows, columns] = [[this.from.row, this.to.row], [this.from.column, this.to.column]].map((pair) => pair.sort((a, b) => a - b));
    return { top: rows[0], bottom: Math.min(rows[1], this.grid.rows.length - 1), left: columns[0], right: columns[1] };
  }

  // Called whenever rows are drawn: the block is shown in those that are there.
  show() {
    if (this.from && this.from.row >= this.grid.rows.length) this.from = this.to = null;
    const block = this.isBlock ? this.block : null;
    for (const cell of this.grid.body.querySelectorAll("td[data-column]")) {
      const at = block && this.place(cell);
      cell.classList.toggle("is-chosen", Boolean(at) && at.row >= block.top && at.row <= block.bottom && at.column >= block.left && at.column <= block.right);
    }
  }

  onFocus(event) {
    const at = this.place(event.target);
    if (!at) return;
    const wasBlock = this.isBlock;
    this.from = this.to = at;
    this.before = event.target.value;
    if (wasBlock) this.show();
  }

  extend(to) {
    const inside = (value, most) => Math.max(0, Math.min(value, most - 1));
    this.to = { row: inside(to.row, this.grid.rows.length), column: inside(to.column, this.grid.columns.length) };
    this.show();
    const line = this.grid.line(this.to.row);
    line?.querySelector(`[data-column="${CSS.escape(this.grid.columns[this.to.column].fieldname)}"]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  onPress(event) {
    this.pressed = event.pointerType === "mouse" && event.button === 0 ? this.place(event.target) : null;
    if (!event.shiftKey || !this.from || !this.pressed) return;
    event.preventDefault();
    this.extend(this.pressed);
    this.pressed = null;
  }

  onDrag(event) {
    const at = event.buttons === 1 && this.pressed && this.place(event.target);
    if (!at || !this.from) return;
    if (at.row === this.to.row && at.column === this.to.column) return;
    if (this.from.row !== this.pressed.row || this.from.column !== this.pressed.column) return; // a cell without an input
    this.extend(at);
  }

  onKey(event) {
    const at = this.place(event.target);
    if (!at || event.isComposing || this.passes) return;
    const held = event.ctrlKey || event.metaKey;
    const act = event.altKey ? this.altKey(event, at) : held ? this.heldKey(event, at) : this.plainKey(event, at);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  altKey(event, at) {
    return event.key === "Insert" && this.grid.open ? () => insertRow(this.grid, at.row, this.name(at.column)) : null;
  }

  heldKey(event, at) {
    const { grid } = this;
    const key = event.key.toLowerCase();
    const end = { ArrowUp: 0, ArrowDown: grid.rows.length - 1 }[event.key];
    if (end !== undefined) return () => grid.focus(end, this.name(at.column));
    if (!grid.open) return null;
    const block = this.isBlock ? this.block : { top: at.row, bottom: at.row };
    if (key === "d" && event.shiftKey) return () => duplicateRows(grid, block.top, block.bottom, this.name(at.column));
    if (key === "d") return () => this.fillDown(at);
    if (event.key === "Delete") return () => removeRows(grid, block.top, block.bottom, this.name(at.column));
    if (key === "z" && event.target.value === this.before) return () => this.turn(event.shiftKey ? "redo" : "undo", at);
    return key === "y" ? () => this.turn("redo", at) : null;
  }

  plainKey(event, at) {
    const { target } = event;
    if (event.key === "F2" && "selectionStart" in target) return () => target.setSelectionRange(target.value.length, target.value.length);
    if (event.key === "F4") return () => this.offer(target);
    if (event.key === "Escape" && this.isBlock) return () => { this.to = this.from; this.show(); };
    if ((event.key === "Delete" || event.key === "Backspace") && this.isBlock) return () => this.clear();
    const step = STEPS[event.key];
    if (!step || target.getAttribute("aria-expanded") === "true" || target.isContentEditable) return null;
    if (event.shiftKey) return this.isBlock || isAtEdge(target, step) ? () => this.extend({ row: this.to.row + step[0], column: this.to.column + step[1] }) : null;
    return isAtEdge(target, step) ? () => this.move(at, step) : null;
  }

  // The choices of a link, the calendar of a date, the list of a select: arrows are taken by the grid.
  offer(target) {
    this.passes = true;
    if (target.showPicker && target.tagName === "SELECT") target.showPicker();
    else target.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true }));
    this.passes = false;
  }

  move(at, [down, right]) {
    let { row, column } = at;
    do { row += down; column += right; } while (this.grid.columns[column] && !this.grid.isTypedIn(this.grid.columns[column]));
    if (row < 0 || row >= this.grid.rows.length || !this.grid.columns[column]) return;
    this.grid.focus(row, this.name(column));
  }

  name(column) { return this.grid.columns[column].fieldname; }

  // Into every open cell of the block, in one change.
  write(change) {
    const { grid } = this;
    const { top, bottom, left, right } = this.block;
    const kept = { from: this.from, to: this.to };
    grid.remember();
    for (let row = top; row <= bottom; row += 1) {
      for (const field of grid.columns.slice(left, right + 1)) if (grid.isOpen(field)) change(grid.rows[row], field);
    }
    grid.draw();
    grid.form.changed();
    grid.focus(kept.from.row, this.name(kept.from.column));
    Object.assign(this, kept);
    this.show();
  }

  clear() {
    if (this.grid.open) this.write((row, field) => this.put(row, field, { [field.fieldname]: null }));
  }

  // From the first row of the block; without a block, from the row above.
  fillDown(at) {
    if (!this.isBlock) {
      if (!at.row) return;
      this.from = this.to = at;
    }
    const source = this.grid.rows[this.isBlock && this.block.top !== this.block.bottom ? this.block.top : this.block.top - 1];
    if (source) this.write((row, field) => { if (row !== source) this.put(row, field, source); });
  }

  // A cell with what was fetched through it.
  put(row, field, source) {
    this.grid.unmark(row, field.fieldname);
    for (const { fieldname } of [field, ...this.grid.fetchedThrough(field)]) row[fieldname] = structuredClone(source[fieldname] ?? null);
  }

  turn(way, at) {
    if (!this.grid.past[way]()) return;
    this.grid.draw();
    this.grid.form.changed();
    this.grid.focus(Math.min(at.row, this.grid.rows.length - 1), this.name(at.column));
  }

  onCopy(event) {
    if (!this.isBlock) return false;
    const { grid } = this;
    const { top, bottom, left, right } = this.block;
    const lines = grid.rows.slice(top, bottom + 1).map((row) => grid.columns.slice(left, right + 1).map((field) => (COPIED_PLAIN.has(field.widget) ? plain(row[field.fieldname]) : grid.shown(row, field))));
    event.preventDefault();
    event.clipboardData.setData("text/plain", writeBlock(lines));
    return true;
  }

  onPaste(event) {
    const text = event.clipboardData?.getData("text/plain") || "";
    const at = this.place(event.target);
    if (!at || !text || !this.grid.open) return;
    const block = blockOf(text) || (this.isBlock ? [[text.trim()]] : null);
    if (!block) return; // one cell: the input takes it
    event.preventDefault();
    const { top, bottom, left, right } = this.isBlock ? this.block : { top: at.row, bottom: at.row, left: at.column, right: at.column };
    const isOne = block.length === 1 && block[0].length === 1;
    pasteBlock(this.grid, { row: top, column: left }, isOne ? Array(bottom - top + 1).fill(Array(right - left + 1).fill(block[0][0])) : block);
    this.grid.focus(top, this.name(left));
  }
}

// Whether an arrow leaves the cell: up and down always (in a text of several lines at its ends), sideways where the caret has
// nowhere to go, or the whole text is selected as it is after coming in.
function isAtEdge(target, [down, right]) {
  if (!("selectionStart" in target) || target.selectionStart === null || target.type === "checkbox") return true;
  const { selectionStart: start, selectionEnd: end, value } = target;
  const whole = start === 0 && end === value.length;
  if (down) return target.tagName !== "TEXTAREA" || !value.includes("\n") || whole || (down < 0 ? end === 0 : start === value.length);
  return whole || (start === end && (right < 0 ? start === 0 : end === value.length));
}
