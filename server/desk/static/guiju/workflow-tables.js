// The decision tables that say who approves: conditions on fields on the left, roles on the right, a row hits or it does not.
import { button, choice, make, textInput } from "./builder-parts.js";
import { picker } from "./rule-picker.js";
import { renamed } from "./rule-document.js";

export class DecisionTables {
  constructor(page, parts) { Object.assign(this, { page, parts }); }

  draw(redraw) {
    const { page } = this;
    const { words } = page;
    const tables = page.doc.raw.tables || {};
    const change = (edit) => { page.doc.change(edit); redraw(); };
    const add = () => change(() => {
      let number = 1;
      while (`table${number}` in tables) number += 1;
      page.doc.raw.tables = { ...tables, [`table${number}`]: { inputs: [page.fields[0]?.name || "name"], outputs: ["approver"], hit: "first", rows: [["-", "-"]] } };
    });
    return make("div", { dataset: { at: "tables" } }, make("span", { className: "rule-label", textContent: words.tables }),
      ...Object.entries(tables).map(([name, table]) => this.table(name, table, change)), button(words.table_add, add, { className: "btn btn-light btn-sm rule-add" }));
  }

  table(name, table, change) {
    const { page } = this;
    const { words } = page;
    const at = `tables.${name}`;
    const [inputs, outputs, rows] = [table?.inputs, table?.outputs, table?.rows];
    if (![inputs, outputs, rows].every(Array.isArray) || !rows.every(Array.isArray)) return make("p", { className: "rule-kept", dataset: { at } }, words.kept_as_is, make("code", { textContent: JSON.stringify(table) }));
    const rename = textInput(words.table_name, name, () => {}, { spellcheck: false });
    rename.querySelector("input").addEventListener("change", (event) => change(() => {
      const to = event.target.value.trim();
      if (!to || to in page.doc.raw.tables) return;
      page.doc.raw.tables = renamed(page.doc.raw.tables, name, to);
      this.follow(`${name}.`, `${to}.`);
    }));
    const drop = button(words.remove, () => change(() => { delete page.doc.raw.tables[name]; if (!Object.keys(page.doc.raw.tables).length) delete page.doc.raw.tables; }));
    const hit = choice(words.hit, table.hit ?? "unique", page.hits, (value) => { table.hit = value; this.parts.touch(); });
    const width = inputs.length + outputs.length;
    const column = (index, isInput) => make("button", { type: "button", className: "btn rule-tool", textContent: "✕", title: words.remove, ariaLabel: words.remove, disabled: (isInput ? inputs : outputs).length === 1 });
    const heads = [...inputs.keys()].map((index) => this.inputHead(inputs, index, column(index, true), () => change(() => { inputs.splice(index, 1); for (const row of rows) row.splice(index, 1); })))
      .concat([...outputs.keys()].map((index) => this.outputHead(name, outputs, index, column(index, false), () => change(() => { outputs.splice(index, 1); for (const row of rows) row.splice(inputs.length + index, 1); }))));
    const lines = rows.map((row, number) => make("tr", {}, ...Array.from({ length: width }, (_, index) => this.cell(row, index, index >= inputs.length)),
      make("td", { className: "rule-sheet-end" }, button("✕", () => change(() => rows.splice(number, 1)), { className: "btn rule-tool", title: words.remove, ariaLabel: words.remove }))));
    const adders = [
      button(words.row_add, () => change(() => rows.push(Array(width).fill("-")))),
      button(words.input_add, () => change(() => { inputs.push(page.fields[0]?.name || "name"); for (const row of rows) row.splice(inputs.length - 1, 0, "-"); })),
      button(words.output_add, () => change(() => { outputs.push(`approver${outputs.length + 1}`); for (const row of rows) row.push("-"); })),
    ];
    return make("div", { className: "workflow-table", dataset: { at } }, make("div", { className: "builder-pair" }, rename, hit),
      make("div", { className: "rule-sheet-scroll" }, make("table", { className: "rule-sheet" }, make("thead", {}, make("tr", {}, ...heads, make("th", {}))), make("tbody", {}, ...lines))),
      make("div", { className: "rule-adders" }, ...adders, drop));
  }

  inputHead(inputs, index, remove, drop) {
    const input = inputs[index];
    remove.addEventListener("click", drop);
    const path = typeof input === "string" ? input : input?.path;
    const box = picker({ label: this.page.words.field, value: path, options: () => this.parts.fields, words: this.page.words, free: true, chosen: (value) => {
      if (typeof input === "string") inputs[index] = value;
      else input.path = value;
      this.parts.touch();
    } });
    return make("th", {}, box, remove);
  }

  outputHead(name, outputs, index, remove, drop) {
    remove.addEventListener("click", drop);
    const input = make("input", { className: "form-control form-control-sm", value: outputs[index], ariaLabel: this.page.words.column, spellcheck: false });
    input.addEventListener("change", () => this.page.doc.change(() => {
      this.follow(`${name}.${outputs[index]}`, `${name}.${input.value}`);
      outputs[index] = input.value;
    }));
    return make("th", { className: "is-output" }, input, remove);
  }

  cell(row, index, isOutput) {
    const cell = make("td", { className: isOutput ? "is-output" : "" });
    const typed = (value) => { row[index] = value; this.parts.touch(); };
    if (isOutput) cell.append(picker({ label: this.page.words.approver, value: row[index] === "-" ? "" : row[index], placeholder: "-", options: () => this.parts.roles, words: this.page.words, free: true, chosen: (value) => typed(value || "-") }));
    else {
      const input = make("input", { value: row[index] ?? "", spellcheck: false, ariaLabel: this.page.words.field });
      input.addEventListener("input", () => typed(input.value));
      cell.append(input);
    }
    return cell;
  }

  // Steps that name a column follow when it is called otherwise.
  follow(from, to) {
    const named = (item) => { if (typeof item?.table === "string" && (item.table === from || (from.endsWith(".") && item.table.startsWith(from)))) item.table = to + item.table.slice(from.length); };
    for (const step of this.page.steps.all()) for (const key of ["by", "fallback"]) for (const item of [step[key]].flat()) named(item);
  }
}
