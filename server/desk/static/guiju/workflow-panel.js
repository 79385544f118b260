// The form beside the diagram: of the state or the transition that is selected, else of the workflow itself.
import { button, choice, make, said, textInput } from "./builder-parts.js";
import { Parts } from "./workflow-parts.js";
import { Steps } from "./workflow-steps.js";
import { DecisionTables } from "./workflow-tables.js";

export class WorkflowPanel {
  constructor(page, element) {
    Object.assign(this, { page, element, drawing: page.doc, parts: new Parts(page) });
    page.steps = new Steps(page, this.parts);
    this.tables = new DecisionTables(page, this.parts);
    this.redraw = () => this.draw();
  }

  draw() {
    const { kind, index } = this.drawing.selected;
    const row = kind === "state" ? this.drawing.states[index] : this.drawing.transitions[index];
    const scrolled = this.element.scrollTop;
    const parts = kind === "state" && row ? this.state(row, index) : kind === "transition" && row ? this.transition(index) : this.workflow(this.drawing.raw);
    this.element.replaceChildren(...parts);
    const isSame = this.shown === `${kind} ${index}`;
    this.element.scrollTop = isSame ? scrolled : 0;
    this.shown = `${kind} ${index}`;
    this.page.showFaults?.();
  }

  focus() { this.element.querySelector("input, select, textarea, button")?.focus(); }

  head(title, ...tools) {
    return make("div", { className: "builder-panel-head" }, make("h2", { textContent: title }), make("div", { className: "builder-panel-tools" }, ...tools));
  }

  change(edit) {
    this.drawing.change(edit);
    this.draw();
  }

  // The workflow

  workflow(raw) {
    const { page, parts } = this;
    const { words } = page;
    const chooses = (value) => { raw.document_type = value; page.doc.touch(); page.loadFields().then(this.redraw); };
    const doctypes = page.doctypes.map(([value, title]) => ({ value, title, detail: value }));
    const doctype = parts.picked(words.document_type, raw.document_type, doctypes, chooses);
    doctype.dataset.at = "document_type";
    return [
      this.head(words.workflow),
      parts.text(raw, "name", words.name, "", { readOnly: page.name !== null, spellcheck: false }),
      parts.titles(raw, ""),
      doctype,
      parts.check(raw, "is_active", words.is_active, "", 1),
      parts.check(raw, "allow_withdraw", words.allow_withdraw, "", 1),
      parts.check(raw, "send_email_alert", words.send_email_alert, ""),
      this.tables.draw(this.redraw),
      parts.more(parts.text(raw, "workflow_state_field", words.workflow_state_field, "", { spellcheck: false, placeholder: "workflow_state" }), parts.check(raw, "override_status", words.override_status, ""), parts.sources(raw, "")),
    ];
  }

  // A state

  state(row, index) {
    const { page, parts, drawing } = this;
    const { words } = page;
    const at = `states[${index}].`;
    const others = drawing.boxes.map((box) => [String(box.index), said(box.row.title, page.language) || box.name]);
    const join = choice(words.connect_to, "", [["", words.choose], ...others], (value) => { if (value !== "") drawing.connect(index, Number(value)); });
    const status = choice(words.doc_status, String(row.doc_status ?? "0"), page.statuses, (value) => { drawing.setStatus(index, value); page.doc.touch(); });
    status.dataset.at = `${at}doc_status`;
    const isNew = !page.published?.states?.some((one) => one?.state === row.state);
    const follows = (before, after) => { if (isNew && after && row.state === before && drawing.rename(index, after)) this.draw(); };
    const tools = [button(words.remove, () => drawing.remove())];
    if (drawing.boxes[0]?.index !== index) tools.unshift(button(words.is_first, () => { drawing.makeFirst(index); this.draw(); }));
    return [
      this.head(words.state, ...tools),
      parts.titles(row, at, follows),
      this.stateName(row, index, at),
      make("div", { className: "builder-pair" }, status, parts.choice(row, "style", words.style, page.styles, at)),
      parts.names(words.allow_edit, drawing.editors(index), parts.roles, (roles) => { drawing.setEditors(index, roles); page.doc.touch(); }, `${at}allow_edit`),
      join,
      make("h3", { className: "workflow-heading", textContent: words.steps }),
      page.steps.list(row, "steps", `${at}steps`, this.redraw),
      parts.more(...this.limits(row, at), ...this.entering(row, at), parts.check(row, "is_optional_state", words.is_optional_state, at), parts.sources(row, at)),
    ];
  }

  stateName(row, index, at) {
    const { words } = this.page;
    const box = textInput(words.state_name, row.state, () => {}, { spellcheck: false });
    const told = make("p", { className: "text-danger", hidden: true, role: "alert", textContent: words.name_taken });
    const input = box.querySelector("input");
    box.dataset.at = `${at}state`;
    box.append(told);
    input.addEventListener("change", () => {
      told.hidden = this.drawing.rename(index, input.value.trim());
      input.value = row.state ?? "";
    });
    return box;
  }

  limits(row, at) {
    const { parts } = this;
    const { words } = this.page;
    const limited = make("div", { dataset: { at: `${at}editable` } });
    const switched = { on: "editable" in row ? 1 : 0 };
    const box = parts.check(switched, "on", words.limited, at);
    box.querySelector("input").addEventListener("change", (event) => this.change(() => { if (event.target.checked) row.editable = row.editable || []; else delete row.editable; }));
    limited.append(box);
    if ("editable" in row) limited.append(parts.names(words.editable, Array.isArray(row.editable) ? row.editable : [], parts.fields, (list) => { row.editable = list; this.page.doc.touch(); }, `${at}editable`));
    return [limited, parts.listed(row, "read_only", words.read_only, parts.fields, at), parts.listed(row, "again_when", words.again_when, parts.fields, at)];
  }

  entering(row, at) {
    const { parts } = this;
    const { words } = this.page;
    const field = parts.picked(words.update_field, row.update_field || "", parts.fields, (value) => this.change(() => { if (value) row.update_field = value; else { delete row.update_field; delete row.update_value; } }));
    field.dataset.at = `${at}update_field`;
    return [field, ...(row.update_field ? [parts.text(row, "update_value", words.update_value, at)] : [])];
  }

  // A transition

  // What cancels a record needs a comment unless its file says no; Frappe's own files know none.
  cancels(row) {
    const { raw } = this.drawing;
    return !("modified" in raw) && this.drawing.rowsOf(row.next_state).some((state) => String(state.doc_status) === "2");
  }

  transition(index) {
    const { page, parts, drawing } = this;
    const row = drawing.together(index);
    const { words } = page;
    const at = `transitions[${index}].`;
    const states = drawing.boxes.map((box) => [box.name, said(box.row.title, page.language) || box.name]);
    const whens = [["", words.when_chosen], ["approved", words.when_approved], ["refused", words.when_refused]];
    const takers = drawing.rowsLike(index).map((one) => one.allowed).filter(Boolean);
    const allowed = parts.names(words.allowed, takers, parts.roles, (roles) => { drawing.setTakers(drawing.selected.index, roles); page.doc.touch(); }, `${at}allowed`);
    return [
      this.head(words.transition, button(words.remove, () => drawing.remove())),
      parts.titles(row, at),
      parts.text(row, "action", words.action, at, { spellcheck: false }),
      make("div", { className: "builder-pair" }, parts.choice(row, "state", words.from, states, at), parts.choice(row, "next_state", words.to, states, at)),
      parts.choice(row, "when", words.when, whens, at, this.redraw),
      ...(row.when ? [] : [allowed, parts.check(row, "allow_self_approval", words.allow_self_approval, at, 1), parts.check(row, "comment", words.comment, at, this.cancels(row) ? 1 : 0)]),
      parts.condition(row, at),
      parts.more(parts.sources(row, at)),
    ];
  }
}
