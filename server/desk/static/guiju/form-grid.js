// Child tables: rows edited in place, added, removed, moved; formulas of a row are live. One JSON payload travels to the server.
// Keys: Tab moves on, Enter goes down and in the last row adds one, Alt+arrow moves a row; those of a spreadsheet are in
// grid-sheet.js, pasted blocks in grid-paste.js, the menu of a row in grid-rows.js, long tables in grid-window.js.
import { judgeDates } from "./form-dates.js";
import { Link } from "./form-link.js";
import { attachFile } from "./form-attach.js";
import { richEditor } from "./form-editor.js";
import { openPad } from "./form-signature.js";
import { holds, rowScopes } from "./form-formulas.js";
import { display, fileName, formatNumbers, plain, readable } from "./form-values.js";
import { editRow, rowFields } from "./form-row.js";
import { Past } from "./grid-past.js";
import { tellFaults } from "./grid-paste.js";
import { keepMarked, openRowMenu, removeRows } from "./grid-rows.js";
import { Sheet } from "./grid-sheet.js";
import { RowWindow } from "./grid-window.js";

const INPUTS = "input:not([type=hidden]), select, textarea";
const WRITTEN = new Set(["textarea", "code", "markdown", "html-editor"]);
const TYPES = { phone: "tel", password: "password" };
const LINKS = new Set(["link", "dynamic-link"]);
const PICKED = new Set(["date", "datetime", "time"]); // form-dates.js

// Go to an input as Tab does: what is typed next replaces its text.
function enter(input) {
  input?.focus();
  input?.select?.();
}

export function setUpGrids(form) {
  for (const box of form.element.querySelectorAll("[data-grid]")) {
    const meta = form.page.meta.tables[box.dataset.field];
    if (meta) form.grids.set(box.dataset.field, new Grid(form, box, meta));
  }
}

class Grid {
  constructor(form, box, meta) {
    this.form = form;
    this.box = box;
    this.meta = meta;
    this.fieldname = box.dataset.field;
    this.fields = new Map(meta.fields.map((field) => [field.fieldname, field]));
    this.open = box.hasAttribute("data-open");
    this.columns = [...box.querySelectorAll("thead [data-column]")].map((cell) => this.fields.get(cell.dataset.column)).filter(Boolean);
    this.hasMore = rowFields(this).some((field) => !this.columns.includes(field));
    this.box.classList.toggle("has-row-tools", this.open || this.hasMore);
    this.body = box.querySelector("tbody");
    this.payload = box.querySelector("[data-rows]");
    if (this.payload) this.payload.disabled = false;
    this.form.record[this.fieldname] ||= [];
    box.querySelector("[data-add]")?.addEventListener("click", () => this.add());
    this.body.addEventListener("input", (event) => this.onInput(event));
    this.body.addEventListener("change", (event) => this.onInput(event));
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.body.addEventListener("click", (event) => this.onClick(event));
    formatNumbers(this.body, (input) => this.fields.get(input.name));
    if (this.open && !meta.fixed && window.Sortable) {
      window.Sortable.create(this.body, { handle: "[data-handle]", animation: 120, onEnd: (event) => this.moved(event.oldIndex, event.newIndex) });
    }
    this.marks = new Map(); // row -> fieldname -> what is wrong with what was pasted there
    this.past = new Past(this);
    this.window = new RowWindow(this);
    this.sheet = new Sheet(this);
    this.draw();
  }

  get rows() {
    return this.form.record[this.fieldname];
  }

  draw() {
    const at = this.held || this.sheet.place(document.activeElement);
    this.held = null;
    this.window.stop();
    const { isLong } = this.window;
    this.body.replaceChildren(...this.rows.map((row, index) => (isLong ? this.window.place(row, index) : this.drawRow(row, index))));
    if (!this.rows.length) this.body.append(this.drawEmpty());
    this.window.show();
    this.box.querySelector("[data-count]").textContent = this.rows.length;
    this.sheet.show();
    tellFaults(this);
    this.write();
    judgeDates(this.form, this.box);
    if (at && this.columns[at.column] && at.row < this.rows.length) this.focus(at.row, this.columns[at.column].fieldname);
  }

  // The line of a row, drawn if it was not on the screen yet.
  line(index) {
    const line = this.body.querySelector(`tr[data-index="${index}"]`);
    this.window.fill(line);
    return line;
  }

  // Called before every change.
  remember(input = null) {
    if (!input) this.hold();
    this.past.remember(input);
  }

  // Takes the focus until the table is drawn anew: an input that goes with its row would put its own text back.
  hold() {
    const active = document.activeElement;
    if (!this.body.contains(active)) return;
    this.held = this.sheet.place(active);
    active.blur();
  }

  mark(row, fieldname, message) {
    if (!this.marks.has(row)) this.marks.set(row, new Map());
    this.marks.get(row).set(fieldname, message);
  }

  unmark(row, fieldname) {
    return this.marks.get(row)?.delete(fieldname) || false;
  }

  fetchedThrough(field) {
    return LINKS.has(field.widget) ? [...this.fields.values()].filter((other) => (other.fetch_from || "").startsWith(`${field.fieldname}.`)) : [];
  }

  // Whether a cell of this column has something to type into or to press.
  isTypedIn(field) {
    return this.isOpen(field) && field.widget !== "editor" && field.widget !== "signature" && !field.widget.startsWith("attach");
  }

  drawEmpty() {
    const line = document.createElement("tr");
    line.className = "grid-empty";
    const cell = line.insertCell();
    cell.colSpan = this.columns.length + 2;
    cell.className = "muted";
    cell.textContent = this.form.texts.no_rows;
    return line;
  }

  drawRow(row, index) {
    const line = document.createElement("tr");
    line.dataset.index = index;
    const number = line.insertCell();
    number.className = "grid-number";
    number.textContent = index + 1;
    if (this.open && !this.meta.fixed) {
      number.dataset.handle = "";
      number.title = this.form.texts.move_row;
    }
    for (const field of this.columns) line.append(this.drawCell(row, index, field));
    const tools = line.insertCell();
    tools.className = "grid-tools";
    if (this.open) tools.append(this.tool("edit", "✎", this.form.texts.edit_row));
    else if (this.hasMore) tools.append(this.tool("edit", "⤢", this.form.texts.view_row));
    if (this.open && !this.meta.fixed) tools.append(this.tool("more", "⋮", this.form.texts.row_more), this.tool("remove", "✕", this.form.texts.remove_row));
    return line;
  }

  tool(action, mark, title) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "icon-button";
    button.dataset.tool = action;
    button.title = title;
    button.setAttribute("aria-label", title);
    button.textContent = mark;
    return button;
  }

  drawCell(row, index, field) {
    const cell = document.createElement("td");
    cell.className = `cell-${field.widget}`;
    cell.dataset.column = field.fieldname;
    cell.dataset.label = field.label;
    cell.classList.toggle("is-demanded", Boolean(field.reqd) && this.open); // a phone's cards have no heading to bear the star
    cell.dataset.where = `${this.fieldname}[${index}].${field.fieldname}`;
    if (this.isOpen(field) && field.widget !== "editor") cell.append(this.editor(row, field, `${this.fieldname}-${index}-${field.fieldname}`));
    else cell.append(this.reading(row, field));
    const message = this.marks.get(row)?.get(field.fieldname);
    if (message) {
      cell.classList.add("has-error");
      cell.title = message;
      cell.querySelector(INPUTS)?.setAttribute("aria-invalid", "true");
    }
    return cell;
  }

  isOpen(field) {
    return this.open && !field.read_only && !field.formula && this.form.page.writeLevels.includes(field.permlevel || 0);
  }

  // What stands in a cell that nobody may type into.
  reading(row, field) {
    const value = row[field.fieldname];
    if (field.widget === "attach-image" && value) {
      const link = Object.assign(document.createElement("a"), { href: value, target: "_blank", rel: "noopener", className: "thumbnail" });
      link.append(Object.assign(document.createElement("img"), { src: value, alt: field.label }));
      return link;
    }
    if (field.widget === "attach" && value) return Object.assign(document.createElement("a"), { href: value, textContent: fileName(value) });
    const text = document.createElement("span");
    if (LINKS.has(field.widget) && value) {
      const href = `/form/${encodeURIComponent(field.widget === "link" ? field.options : row[field.options])}/${encodeURIComponent(value)}`;
      text.append(Object.assign(document.createElement("a"), { href, textContent: this.shown(row, field) }));
    } else text.textContent = this.shown(row, field);
    return text;
  }

  shown(row, field) {
    return readable(this.form, field, row[field.fieldname], row);
  }

  // An input for one cell; also used by the row dialog.
  editor(row, field, id) {
    const value = row[field.fieldname];
    if (field.widget.startsWith("attach")) return attachFile(this.form, field, value, id, (address) => this.put(row, field, address), (address) => keepMarked(this, row, field, address));
    if (field.widget === "signature") return this.signer(row, field, id);
    if (field.widget === "editor") return richEditor(this.form.texts, { label: field.label, value, changed: (html) => this.put(row, field, html) }).box;
    const input = this.input(field, value, id);
    input.setAttribute("aria-label", field.label);
    return LINKS.has(field.widget) ? this.linkBox(row, field, input) : input;
  }

  input(field, value, id) {
    const make = (tag, properties) => Object.assign(document.createElement(tag), { id, name: field.fieldname, ...properties });
    if (field.widget === "check") return make("input", { type: "checkbox", checked: Boolean(Number(plain(value))) });
    if (WRITTEN.has(field.widget)) return make("textarea", { rows: 1, value: value || "" });
    if (field.choices) return this.chooser(make("select", {}), field, plain(value));
    const input = make("input", { type: TYPES[field.widget] || "text", value: plain(value), autocomplete: field.widget === "password" ? "new-password" : "off" });
    if (field.widget === "number") Object.assign(input, { inputMode: "decimal", className: "number", value: display(value, field) });
    if (PICKED.has(field.widget)) input.dataset.picker = field.widget;
    return input;
  }

  // A value that is no longer among the choices stays in the list: saving the row must not empty it.
  chooser(select, field, value) {
    const known = field.choices.some(([key]) => key === value) || value === "";
    const choices = known ? field.choices : [...field.choices, [value, value]];
    select.append(new Option("", ""), ...choices.map(([key, label]) => new Option(label, key, false, key === value)));
    return select;
  }

  signer(row, field, id) {
    const value = row[field.fieldname];
    const button = Object.assign(document.createElement("button"), { id, type: "button", className: "button small", textContent: value ? value.name || "✓" : this.form.texts.sign });
    button.addEventListener("click", () => openPad(this.form, (drawn) => { this.put(row, field, drawn); button.textContent = drawn.name; }));
    return button;
  }

  linkBox(row, field, input) {
    const box = Object.assign(document.createElement("div"), { className: "link-input" });
    const list = Object.assign(document.createElement("ul"), { className: "choices", hidden: true, id: `${input.id}-list` });
    list.setAttribute("role", "listbox");
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", list.id]]) input.setAttribute(name, value);
    input.value = this.shown(row, field);
    box.append(input, list);
    new Link(this.form, box, {
      field,
      fetched: this.fetchedThrough(field),
      value: () => row[field.fieldname],
      put: (name, value) => {
        if (name === field.fieldname) this.takesBack(row, field, input);
        row[name] = value === "" ? null : value;
      },
      done: () => this.renew(row, input),
      floats: true,
      owner: { doctype: this.meta.doctype, row },
    });
    return box;
  }

  // Values were fetched into a row: its other cells are drawn anew, but for the one in which somebody types by now. Whoever was
  // choosing goes on in the next one.
  renew(row, input) {
    const line = input.closest("tr");
    if (!line) { input.dispatchEvent(new Event("renewed", { bubbles: true })); return; }
    const own = input.closest("td");
    const goesOn = document.activeElement === input;
    const index = this.rows.indexOf(row);
    for (const cell of line.querySelectorAll("[data-column]")) {
      if (cell !== own && !cell.contains(document.activeElement)) cell.replaceWith(this.drawCell(row, index, this.fields.get(cell.dataset.column)));
    }
    if (goesOn) enter([...line.querySelectorAll(INPUTS)].find((next) => own.compareDocumentPosition(next) & 4 && !own.contains(next)));
  }

  put(row, field, value) {
    row[field.fieldname] = value === "" ? null : value;
    this.form.changed();
  }

  onInput(event) {
    const cell = event.target.closest("[data-column]");
    const row = this.rows[Number(event.target.closest("tr")?.dataset.index)];
    const field = this.fields.get(cell?.dataset.column);
    if (!row || !field || LINKS.has(field.widget) || field.widget.startsWith("attach") || field.widget === "signature") return;
    event.stopPropagation();
    this.takesBack(row, field, event.target);
    this.put(row, field, event.target.type === "checkbox" ? (event.target.checked ? 1 : 0) : event.target.value.trim());
  }

  // Somebody types into a cell: what was there can be had again, what was said about it is no longer true.
  takesBack(row, field, input) {
    this.remember(input);
    const cell = input.closest("td");
    cell?.classList.remove("has-error");
    cell?.removeAttribute("title");
    input.removeAttribute("aria-invalid");
    if (this.unmark(row, field.fieldname)) tellFaults(this);
  }

  onKey(event) {
    if (event.isComposing) return; // an input method is still choosing characters
    const index = Number(event.target.closest("tr")?.dataset.index);
    if (Number.isNaN(index)) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown") && !this.meta.fixed) {
      event.preventDefault();
      const to = index + (event.key === "ArrowUp" ? -1 : 1);
      if (to >= 0 && to < this.rows.length) this.moved(index, to, event.target.closest("[data-column]")?.dataset.column);
    } else if (event.key === "Enter" && event.target.tagName !== "TEXTAREA" && event.target.tagName !== "BUTTON" && !event.defaultPrevented && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const column = event.target.closest("[data-column]")?.dataset.column;
      if (event.shiftKey) this.focus(Math.max(index - 1, 0), column);
      else if (index < this.rows.length - 1) this.focus(index + 1, column);
      else if (!this.meta.fixed) this.add();
    }
  }

  onClick(event) {
    const tool = event.target.closest("[data-tool]")?.dataset.tool;
    const index = Number(event.target.closest("tr")?.dataset.index);
    if (tool === "remove") {
      removeRows(this, index, index);
      this.focusTool(Math.min(index, this.rows.length - 1), "remove");
    } else if (tool === "more") openRowMenu(this, event.target.closest("button"), index);
    else if (tool === "edit") editRow(this, index);
  }

  blank() {
    return { name: null, ...this.meta.blank };
  }

  add() {
    this.remember();
    this.rows.push(this.blank());
    this.draw();
    this.form.changed();
    this.focus(this.rows.length - 1);
  }

  moved(from, to, column) {
    this.remember();
    const [row] = this.rows.splice(from, 1);
    this.rows.splice(to, 0, row);
    this.draw();
    this.form.changed();
    if (column) this.focus(to, column);
  }

  focus(index, column) {
    const line = this.line(index);
    const cell = column ? line?.querySelector(`[data-column="${CSS.escape(column)}"]`) : line;
    enter(cell?.querySelector(INPUTS));
  }

  focusTool(index, tool = "edit") {
    this.line(index)?.querySelector(`[data-tool=${tool}]`)?.focus();
  }

  // After formulas: show computed cells, apply row conditions, without touching what is being typed.
  refresh() {
    this.refreshLines([...this.body.querySelectorAll("tr[data-index]:not(.is-far)")]);
  }

  refreshLines(lines) {
    const scopeOf = rowScopes(this.form, this.fields);
    const alive = this.columns.filter((field) => !this.isOpen(field) || field.widget === "editor" || field.depends_on || field.mandatory_depends_on);
    const judged = alive.some((field) => field.depends_on || field.mandatory_depends_on);
    for (const line of alive.length ? lines : []) {
      const row = this.rows[Number(line.dataset.index)];
      if (!row) continue;
      const scope = judged && scopeOf(row);
      for (const field of alive) {
        const cell = line.querySelector(`[data-column="${CSS.escape(field.fieldname)}"]`);
        if (!this.isOpen(field) || field.widget === "editor") {
          const text = cell.querySelector("span > a") || cell.querySelector("span");
          const shown = this.shown(row, field);
          if (text && text.textContent !== shown) text.textContent = shown;
        }
        if (field.depends_on) cell.classList.toggle("is-hidden", !holds(field.depends_on, scope));
        if (field.mandatory_depends_on) cell.classList.toggle("is-required", holds(field.mandatory_depends_on, scope));
      }
    }
  }

  // Once, when the form is sent: not at every key.

  write() {
    if (this.payload) this.payload.value = JSON.stringify(this.rows);
  }
}
