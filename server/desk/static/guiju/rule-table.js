// The decision table of a consequence as a sheet: cells are typed, pasted and copied like in a spreadsheet, checked while one types.
import { button, check, choice, enOf, make, zhOf } from "./builder-parts.js";
import { moved, put } from "./rule-document.js";
import { Scope } from "./rule-fields.js";
import { picker } from "./rule-picker.js";
import { readBlock, writeBlock } from "./rule-sheet.js";
import { keptAsIs, tools } from "./rule-values.js";

const BETWEEN = " || "; // Chinese and English of a message in one cell, as in the files
const TYPES = ["number", "text", "check", "date", "datetime", "time"];

const textOf = (cell) => (cell && typeof cell === "object" ? `${zhOf(cell)}${BETWEEN}${enOf(cell)}` : String(cell ?? ""));

// A line break inside a cell, which an input cannot hold, is shown and typed as an arrow.
const BREAK = "↵";
const shownOf = (cell) => textOf(cell).replaceAll("\n", BREAK);
const typedOf = (text, isSaid) => cellOf(text.replaceAll(BREAK, "\n"), isSaid);

function cellOf(text, isSaid) {
  const [zh, en] = text.split("||").map((part) => part.trim());
  return isSaid && en !== undefined ? { zh, en } : text;
}

export class TableEditor {
  constructor(page, item, at) {
    Object.assign(this, { page, item, at, chosen: null });
    this.element = make("section", { className: "rule-table", dataset: { at, table: at }, aria: { label: page.words.inputs } });
    page.tables.set(at, this);
    this.draw();
  }

  get words() { return this.page.words; }
  get table() { return this.item.table; }
  get inputs() { return (this.table.inputs ||= []); }
  get outputs() { return (this.table.outputs ||= []); }
  get rows() { return (this.table.rows ||= []); }
  get width() { return this.inputs.length + this.outputs.length; }
  kindOf(output) { return this.page.vocabulary.outputs.map(([kind]) => kind).find((kind) => kind in output); }
  changed() { this.page.doc.touch(); }

  draw(focus = null) {
    if (!this.table || typeof this.table !== "object") { this.element.replaceChildren(keptAsIs(this.table, this.page)); return; }
    this.findings = make("div", { className: "rule-findings" });
    this.sheet = make("table", { className: "rule-sheet" }, this.head(), this.body());
    this.sheet.addEventListener("keydown", (event) => this.onKey(event));
    this.sheet.addEventListener("paste", (event) => this.onPaste(event));
    this.sheet.addEventListener("copy", (event) => this.onCopy(event));
    this.sheet.addEventListener("focusin", (event) => { if (!this.selecting) this.choose(event.target.closest("td[data-column]")); });
    this.sheet.addEventListener("pointerdown", (event) => this.onPointer(event));
    this.element.replaceChildren(this.policy(), make("div", { className: "rule-sheet-scroll" }, this.sheet), this.buttons(), make("small", { className: "text-muted", textContent: this.words.paste_help }), this.findings);
    this.show(this.page.findings[this.at] || []);
    if (focus) this.go(...focus);
    this.page.showFaults();
  }

  policy() {
    const { words, page, table } = this;
    const hit = choice(words.hit, table.hit || "unique", page.vocabulary.hits, (next) => { table.hit = next; if (next !== "collect") delete table.aggregate; this.changed(); this.draw(); });
    const parts = [hit];
    if (table.hit === "collect") parts.push(choice(words.aggregate, table.aggregate || "list", page.vocabulary.aggregates, (next) => { table.aggregate = next; this.changed(); }));
    parts.push(check(words.complete, table.complete, (ticked) => { put(table, "complete", ticked || undefined); this.changed(); }));
    return make("div", { className: "rule-policy" }, ...parts);
  }

  // Columns

  head() {
    const { words } = this;
    const groups = make("tr", {}, make("th", { rowSpan: 2, textContent: words.line }));
    if (this.inputs.length) groups.append(make("th", { colSpan: this.inputs.length, textContent: words.inputs, className: "rule-sheet-group" }));
    if (this.outputs.length) groups.append(make("th", { colSpan: this.outputs.length, textContent: words.outputs, className: "rule-sheet-group is-output" }));
    groups.append(make("th", { rowSpan: 2 }));
    const heads = make("tr", {}, ...this.inputs.map((input, index) => this.inputHead(input, index)), ...this.outputs.map((output, index) => this.outputHead(output, index)));
    return make("thead", {}, groups, heads);
  }

  columnTools(list, index, first) {
    const { words } = this;
    const step = (by) => () => { if (!moved(list, index, by)) return; for (const row of this.rows) moved(row, first + index, by); this.changed(); this.draw(); };
    const remove = () => { list.splice(index, 1); for (const row of this.rows) row.splice(first + index, 1); this.changed(); this.draw(); };
    const small = (text, title, pressed) => button(text, pressed, { className: "btn btn-light btn-sm rule-tool", title, ariaLabel: title });
    return make("span", { className: "rule-tools" }, small("◀", words.column_left, step(-1)), small("▶", words.column_right, step(1)), small("✕", words.remove, remove));
  }

  inputHead(input, index) {
    const { words, page } = this;
    const scope = new Scope(page.fields);
    const holder = typeof input === "object" ? input : null;
    const cell = make("th", { dataset: { at: `${this.at}.inputs[${index}]` } });
    if (holder && "expr" in holder) {
      const expr = make("input", { className: "form-control form-control-sm code", value: holder.expr, placeholder: words.formula, aria: { label: words.value_expr } });
      expr.addEventListener("input", () => { holder.expr = expr.value; this.changed(); });
      const type = choice("", holder.type || "number", TYPES.map((name) => [name, name]), (next) => { holder.type = next; this.changed(); });
      type.setAttribute("aria-label", words.expr_type);
      cell.append(expr, type);
    } else {
      cell.append(picker({ label: words.field, value: holder ? holder.path : input, words, placeholder: words.search_field, options: () => scope.options().filter((option) => !["rows", "list", "json"].includes(scope.meta(option.value)?.kind)), chosen: (path) => { if (holder) holder.path = path; else this.inputs[index] = path; this.changed(); } }));
    }
    cell.append(this.columnTools(this.inputs, index, 0));
    return cell;
  }

  outputHead(output, index) {
    const { words, page } = this;
    const scope = new Scope(page.fields);
    const kind = this.kindOf(output);
    const cell = make("th", { className: "is-output", dataset: { at: `${this.at}.outputs[${index}]` } });
    const which = choice("", kind, page.vocabulary.outputs, (next) => { const { [kind]: body, ...rest } = output; this.outputs[index] = { [next]: ["require_approval", "oblige", "notify"].includes(next) ? {} : typeof body === "string" ? body : next === "set" ? "" : null, ...rest }; this.changed(); this.draw(); });
    which.setAttribute("aria-label", words.outputs);
    cell.append(which);
    if (!["require_approval", "oblige", "notify"].includes(kind)) cell.append(picker({ label: words.field, value: output[kind] || "", words, placeholder: words.search_field, options: () => scope.ownOptions(), chosen: (path) => { output[kind] = path || (kind === "set" ? "" : null); this.changed(); } }));
    if (this.table.hit === "priority") {
      const values = make("input", { className: "form-control form-control-sm", value: (output.values || []).join(", "), placeholder: words.output_values, title: words.output_values, aria: { label: words.output_values } });
      values.addEventListener("input", () => { put(output, "values", values.value.split(/[,，]/).map((part) => part.trim()).filter(Boolean)); this.changed(); });
      cell.append(values);
    }
    cell.append(this.columnTools(this.outputs, index, this.inputs.length));
    return cell;
  }

  // Rows

  body() {
    const { words } = this;
    const lines = this.rows.map((row, index) => this.line(row, index));
    if (this.outputs.length) {
      const defaults = make("tr", { className: "rule-sheet-else" }, make("th", { textContent: words.else }));
      this.inputs.forEach(() => defaults.append(make("td")));
      this.outputs.forEach((output, index) => {
        const input = make("input", { value: shownOf(output.default), aria: { label: `${words.else} ${index + 1}` }, spellcheck: false });
        input.addEventListener("input", () => { put(output, "default", typedOf(input.value, ["block", "warn"].includes(this.kindOf(output)))); this.changed(); });
        defaults.append(make("td", { className: "is-output", dataset: { at: `${this.at}.outputs[${index}].default` } }, input));
      });
      defaults.append(make("td"));
      lines.push(defaults);
    }
    return make("tbody", {}, ...lines);
  }

  line(row, index) {
    const { words } = this;
    const step = (by) => { if (moved(this.rows, index, by)) { this.changed(); this.draw([index + by, 0]); } };
    const remove = () => { this.rows.splice(index, 1); this.changed(); this.draw(); };
    const cells = Array.from({ length: this.width }, (_, column) => this.field(row, index, column));
    return make("tr", { dataset: { row: index + 1 } }, make("th", { textContent: index + 1, scope: "row" }), ...cells, make("td", { className: "rule-sheet-end" }, tools({ words, remove, up: () => step(-1), down: () => step(1) })));
  }

  field(row, index, column) {
    const isOutput = column >= this.inputs.length;
    const isSaid = isOutput && ["block", "warn"].includes(this.kindOf(this.outputs[column - this.inputs.length]));
    const input = make("input", { value: shownOf(row[column]), spellcheck: false, autocomplete: "off", aria: { label: `${this.words.line} ${index + 1}, ${column + 1}` } });
    input.addEventListener("input", () => { row[column] = typedOf(input.value, isSaid); this.changed(); });
    return make("td", { className: isOutput ? "is-output" : "", dataset: { row: index, column, at: `${this.at}.rows[${index}][${column}]` } }, input);
  }

  cell(row, column) { return this.sheet.querySelector(`td[data-row="${row}"][data-column="${column}"] input`); }

  addRow(at = this.rows.length, column = 0) {
    this.rows.splice(at, 0, Array(this.width).fill("-"));
    this.changed();
    this.draw([at, column]);
  }

  addColumn(list, column, at) {
    list.push(column);
    for (const row of this.rows) row.splice(at, 0, "-");
    if (!this.rows.length) this.rows.push(Array(this.width).fill("-"));
    this.changed();
    this.draw();
  }

  buttons() {
    const { words } = this;
    const small = (text, pressed) => button(text, pressed, { className: "btn btn-light btn-sm" });
    const copy = small(words.copy_table, async () => {
      await navigator.clipboard?.writeText(writeBlock([this.names(), ...this.rows.map((row) => row.map(textOf))]));
      copy.textContent = words.copied;
    });
    return make("div", { className: "rule-adders" }, small(words.input_add, () => this.addColumn(this.inputs, "", this.inputs.length)),
      small(words.formula_add, () => this.addColumn(this.inputs, { expr: "", type: "number" }, this.inputs.length)),
      small(words.output_add, () => this.addColumn(this.outputs, { set: "" }, this.width)),
      small(words.line_add, () => this.addRow()), copy, small(words.import_file, () => this.importFile()),
      small(words.export_dmn, () => this.exportFile("dmn")), small(words.export_csv, () => this.exportFile("csv")));
  }

  // The line of column names that our files begin with.
  names() {
    return [...this.inputs.map((input) => (typeof input === "string" ? input : input.path || `= ${input.expr}`)), ...this.outputs.map((output) => `${this.kindOf(output)} ${typeof output[this.kindOf(output)] === "string" ? output[this.kindOf(output)] : ""}`.trim())];
  }

  // Keyboard, clipboard, selection

  place(target) {
    const cell = target.closest("td[data-column]");
    return cell && { row: Number(cell.dataset.row), column: Number(cell.dataset.column), input: cell.querySelector("input") };
  }

  onKey(event) {
    const at = this.place(event.target);
    if (!at || event.isComposing) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.shiftKey && step) { this.extend(event, at, step); return; }
    if (event.key === "Enter") {
      event.preventDefault();
      if (at.row === this.rows.length - 1 && !event.shiftKey) this.addRow(at.row + 1, at.column);
      else this.go(at.row + (event.shiftKey ? -1 : 1), at.column);
    } else if (event.key === "Tab") {
      const [row, column] = this.beside(at, event.shiftKey ? -1 : 1);
      if (row < 0) return; // out of the sheet, backwards
      event.preventDefault();
      if (row === this.rows.length) this.addRow();
      else this.go(row, column);
    } else if (event.altKey && step?.[0]) {
      event.preventDefault();
      if (moved(this.rows, at.row, step[0])) { this.changed(); this.draw([at.row + step[0], at.column]); }
    } else if (event.key === "Delete" && this.isBlock) {
      event.preventDefault();
      for (const [row, column] of this.block()) this.rows[row][column] = "-";
      this.changed();
      this.draw([at.row, at.column]);
    } else if (step && (step[0] || this.isAtEdge(at.input, step[1]))) {
      if (this.go(at.row + step[0], at.column + step[1])) event.preventDefault();
    }
  }

  // The cell before or after, over the ends of rows.
  beside({ row, column }, step) {
    const place = row * this.width + column + step;
    return place < 0 ? [-1, 0] : [Math.floor(place / this.width), place % this.width];
  }

  // Into a cell, so that typing replaces what stands there.
  go(row, column) {
    const input = this.cell(row, column);
    input?.focus();
    input?.select();
    return Boolean(input);
  }

  isAtEdge(input, step) {
    const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    return whole || (input.selectionStart === input.selectionEnd && input.selectionStart === (step < 0 ? 0 : input.value.length));
  }

  choose(cell) {
    this.chosen = cell && { from: [Number(cell.dataset.row), Number(cell.dataset.column)], to: [Number(cell.dataset.row), Number(cell.dataset.column)] };
    this.mark();
  }

  extend(event, at, [down, right]) {
    if (right && !this.isBlock && !this.isAtEdge(at.input, right)) return; // still selecting within the cell
    event.preventDefault();
    const [row, column] = this.chosen?.to || [at.row, at.column];
    this.chosen.to = [Math.min(Math.max(row + down, 0), this.rows.length - 1), Math.min(Math.max(column + right, 0), this.width - 1)];
    this.mark();
  }

  onPointer(event) {
    const cell = event.target.closest("td[data-column]");
    if (!cell || !event.shiftKey || !this.chosen) return;
    event.preventDefault();
    this.chosen.to = [Number(cell.dataset.row), Number(cell.dataset.column)];
    this.mark();
  }

  get isBlock() { return Boolean(this.chosen) && this.chosen.from.join() !== this.chosen.to.join(); }

  block() {
    const [[r1, c1], [r2, c2]] = [this.chosen.from, this.chosen.to];
    const found = [];
    for (let row = Math.min(r1, r2); row <= Math.max(r1, r2); row += 1) for (let column = Math.min(c1, c2); column <= Math.max(c1, c2); column += 1) found.push([row, column]);
    return found;
  }

  mark() {
    const chosen = new Set(this.isBlock ? this.block().map(String) : []);
    for (const cell of this.sheet.querySelectorAll("td[data-column]")) cell.classList.toggle("is-chosen", chosen.has(`${cell.dataset.row},${cell.dataset.column}`));
  }

  onCopy(event) {
    if (!this.isBlock) return;
    event.preventDefault();
    const lines = new Map();
    for (const [row, column] of this.block()) lines.set(row, [...(lines.get(row) || []), textOf(this.rows[row][column])]);
    event.clipboardData.setData("text/plain", writeBlock([...lines.values()]));
  }

  // A block of a spreadsheet goes in from this cell on; rows that are missing are made, columns are not, and that is said.
  onPaste(event) {
    const at = this.place(event.target);
    const text = event.clipboardData.getData("text/plain");
    const block = readBlock(text);
    if (!at || (block.length === 1 && block[0].length === 1 && block[0][0] === text.trimEnd())) return;
    event.preventDefault();
    const tooMany = Math.max(...block.map((line) => line.length)) - (this.width - at.column);
    this.left = tooMany > 0 ? [this.words.paste_cut.replace("{number}", tooMany)] : [];
    const lines = block.filter((line) => line.join("\t") !== this.names().join("\t"));
    lines.forEach((line, down) => {
      const row = (this.rows[at.row + down] ||= Array(this.width).fill("-"));
      line.slice(0, this.width - at.column).forEach((text, right) => {
        const column = at.column + right;
        const isSaid = column >= this.inputs.length && ["block", "warn"].includes(this.kindOf(this.outputs[column - this.inputs.length]));
        row[column] = text.trim() === "" ? "-" : cellOf(text.trim(), isSaid);
      });
    });
    this.changed();
    this.draw([at.row, at.column]);
  }

  // Files

  async exportFile(to) {
    const answer = await this.page.post("table", { to, table: this.at, rule: JSON.stringify(this.page.doc.alone) });
    if (!answer?.ok || answer.headers.get("Content-Type")?.includes("json")) { this.tell(await answer?.json().catch(() => null)); return; }
    const address = URL.createObjectURL(await answer.blob());
    make("a", { href: address, download: `${this.page.doc.raw.name || "table"}.${to}` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  importFile() {
    const input = make("input", { type: "file", accept: ".dmn,.xml,.csv,.tsv,.txt" });
    input.addEventListener("change", async () => {
      const answer = await (await this.page.post("table-file", { table: this.at, rule: JSON.stringify(this.page.doc.alone), file: input.files[0] }))?.json().catch(() => null);
      if (!answer?.tables) { this.tell(answer); return; }
      const take = ([, table]) => {
        this.item.table = table;
        this.left = answer.notes;
        this.changed();
        this.draw();
      };
      if (answer.tables.length === 1) take(answer.tables[0]);
      else this.chooseTable(answer.tables, take);
    });
    input.click();
  }

  chooseTable(tables, take) {
    const { words, page } = this;
    const { element, actions, close, open } = page.dialog(words.table_choose);
    element.insertBefore(make("div", { className: "rule-adders" }, ...tables.map((one) => button(one[0], () => { close(); take(one); }))), actions);
    actions.append(button(words.close, close));
    open();
  }

  tell(answer) {
    const faults = answer?.faults || [{ message: this.words.not_reached }];
    this.findings.replaceChildren(make("ul", { className: "is-bad" }, ...faults.map((fault) => make("li", { textContent: fault.message }))));
  }

  // What the server found in the whole, beside the sheet and at the rows that it concerns.
  show(findings) {
    const { words } = this;
    for (const line of this.sheet.querySelectorAll("tr[data-row]")) {
      const about = findings.filter((one) => one.rows.includes(Number(line.dataset.row)));
      line.classList.toggle("has-fault", about.some((one) => one.is_fault));
      line.classList.toggle("has-warning", about.length > 0 && !about.some((one) => one.is_fault));
      line.title = about.map((one) => one.text).join("\n");
    }
    const lines = findings.map((one) => {
      const line = make("li", { className: one.is_fault ? "is-bad" : "" });
      line.append(one.rows.length ? button(one.text, () => { this.go(one.rows[0] - 1, 0); }, { className: "rule-finding" }) : one.text);
      return line;
    });
    const isReady = this.rows.length && this.page.isRight;
    const left = this.left?.length ? [make("strong", { textContent: words.table_left }), make("ul", {}, ...this.left.map((text) => make("li", { textContent: text })))] : [];
    this.findings.replaceChildren(...left, ...(lines.length ? [make("strong", { textContent: words.analysis }), make("ul", {}, ...lines)] : isReady ? [make("small", { className: "is-good", textContent: `✓ ${words.no_findings}` })] : []));
  }
}
