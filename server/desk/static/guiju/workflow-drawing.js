// The workflow that is drawn: the JSON of its file with what is done to it. States are told apart by the row that names them first;
// Frappe repeats a state for each role that may edit it and a transition for each that may take it; such rows stay together here.
import { RuleDocument } from "./rule-document.js";
import { arranged, GRID } from "./workflow-routes.js";

const SAME = ["state", "action", "next_state", "condition", "when", "allow_self_approval", "title", "comment", "source"];
const UNMOVED = { kind: "workflow", index: -1 };

export class WorkflowDrawing extends RuleDocument {
  constructor(raw) {
    super(raw);
    this.selected = UNMOVED;
  }

  get states() { return Array.isArray(this.raw.states) ? this.raw.states : (this.raw.states = []); }
  get transitions() { return Array.isArray(this.raw.transitions) ? this.raw.transitions : (this.raw.transitions = []); }

  // Every state once: {index, row, name}; `index` is that of its first row.
  get boxes() {
    const seen = new Map();
    this.states.forEach((row, index) => {
      const name = String(row?.state ?? "");
      if (row && typeof row === "object" && !seen.has(name || `#${index}`)) seen.set(name || `#${index}`, { index, row, name });
    });
    return [...seen.values()];
  }

  // The transitions that can be drawn, each between two boxes, with the roles that may take it.
  get arrows() {
    const byName = new Map(this.boxes.map((box) => [box.name, box]));
    const found = new Map();
    this.transitions.forEach((row, index) => {
      const [from, to] = [byName.get(row?.state), byName.get(row?.next_state)];
      if (!from || !to) return;
      const arrow = found.get(likeness(row)) || { index, row, from, to, roles: [] };
      if (row.allowed) arrow.roles.push(row.allowed);
      found.set(likeness(row), arrow);
    });
    return [...found.values()];
  }

  // The rows of one arrow, and the first of the arrow that row `index` belongs to.
  rowsLike(index) { return this.transitions.filter((row) => likeness(row) === likeness(this.transitions[index])); }
  firstLike(index) { return this.transitions.findIndex((row) => likeness(row) === likeness(this.transitions[index])); }

  // The rows of an arrow as one object: what is written goes into each.
  together(index) {
    const rows = this.rowsLike(index);
    return new Proxy(rows[0], {
      set: (first, key, value) => { for (const row of rows) row[key] = value; return true; },
      deleteProperty: (first, key) => { for (const row of rows) delete row[key]; return true; },
    });
  }

  box(index) { return this.boxes.find((box) => box.index === index) || null; }
  rowsOf(name) { return this.states.filter((row) => String(row?.state ?? "") === name); }

  // The first row of the state that row `index` belongs to: faults name rows.
  firstRow(index) { return this.boxes.find((box) => box.name === String(this.states[index]?.state ?? ""))?.index ?? index; }

  select(kind, index = -1) {
    if (this.selected.kind === kind && this.selected.index === index) return;
    this.selected = { kind, index };
    this.tell("selection");
  }

  // One step of undo of its own; `edit` writes into the JSON.
  change(edit) {
    this.at = 0;
    edit();
    this.touch();
    this.at = 0;
  }

  show(raw) { // undone, or replaced: what was selected may be gone
    const { kind, index } = this.selected;
    const rows = { state: raw.states, transition: raw.transitions }[kind];
    if (!rows?.[index]) this.selected = UNMOVED;
    super.show(raw);
  }

  // Places

  // Where each box stands: as kept in the file, as Frappe's own builder kept it, or arranged.
  places() {
    const found = new Map();
    const others = frappePlaces(this.raw.workflow_data);
    for (const box of this.boxes) {
      const kept = box.row.position ?? others.get(box.name);
      if (Number.isFinite(kept?.x) && Number.isFinite(kept?.y)) found.set(box.index, { x: kept.x, y: kept.y });
    }
    if (found.size === this.boxes.length) return intoView(found);
    const free = arranged(this.boxes, this.arrows);
    const below = found.size ? Math.max(...[...found.values()].map((place) => place.y)) + GRID.row : 0;
    for (const [index, place] of free) if (!found.has(index)) found.set(index, { x: place.x, y: place.y + below });
    return intoView(found);
  }

  // Writes down where every box stands: one that is moved says nothing of the others otherwise.
  keepPlaces(places) {
    for (const [index, { x, y }] of places) this.states[index].position = { x: Math.round(x), y: Math.round(y) };
  }

  place(index, to) { this.change(() => this.keepPlaces(this.places().set(index, to))); }

  // By a key: strokes that follow each other are one step of undo.
  nudge(index, to) {
    this.keepPlaces(this.places().set(index, to));
    this.touch();
  }

  arrange() { this.change(() => this.keepPlaces(arranged(this.boxes, this.arrows))); }

  // States

  addState(at = null) {
    const places = this.places();
    const number = this.boxes.length;
    let made = number ? number + 1 : 0;
    while (this.rowsOf(made ? `State ${made}` : "Draft").length) made += 1;
    const row = made ? { state: `State ${made}`, title: { zh: `状态 ${made}`, en: `State ${made}` } } : { state: "Draft", title: { zh: "草稿", en: "Draft" } };
    const below = Math.max(-GRID.row, ...[...places.values()].map((place) => place.y)) + GRID.row;
    this.change(() => {
      this.states.push({ ...row, doc_status: "0" });
      this.keepPlaces(places.set(this.states.length - 1, at || { x: 40, y: below }));
    });
    this.select("state", this.states.length - 1);
  }

  // False where another state has that name.
  rename(index, to) {
    const { name } = this.box(index);
    if (to === name) return true;
    if (!to || this.rowsOf(to).length) return false;
    this.change(() => {
      for (const row of name ? this.rowsOf(name) : [this.states[index]]) row.state = to;
      for (const row of name ? this.transitions : []) for (const end of ["state", "next_state"]) if (row?.[end] === name) row[end] = to;
    });
    return true;
  }

  removeState(index) {
    const { name } = this.box(index);
    this.select("workflow");
    this.change(() => {
      this.raw.states = this.states.filter((row, at) => at !== index && (!name || String(row?.state ?? "") !== name));
      if (name) this.raw.transitions = this.transitions.filter((row) => row?.state !== name && row?.next_state !== name);
    });
  }

  makeFirst(index) {
    const own = this.rowsOf(this.box(index).name);
    this.change(() => { this.raw.states = [...own, ...this.states.filter((row) => !own.includes(row))]; });
    this.select("state", 0);
  }

  // The roles that may edit in a state: one row for each, what else is said of the state in the first.
  editors(index) { return this.rowsOf(this.box(index).name).map((row) => row.allow_edit).filter(Boolean); }

  setEditors(index, roles) {
    const { name, row: first } = this.box(index);
    const others = new Map(this.rowsOf(name).slice(1).map((row) => [row.allow_edit, row]));
    const rows = roles.slice(1).map((role) => others.get(role) || { state: name, doc_status: first.doc_status ?? "0", allow_edit: role });
    if (roles.length) first.allow_edit = roles[0];
    else delete first.allow_edit;
    const rest = this.states.filter((row) => row === first || String(row?.state ?? "") !== name);
    rest.splice(rest.indexOf(first) + 1, 0, ...rows);
    this.raw.states = rest;
    this.selected = { kind: "state", index: rest.indexOf(first) };
  }

  setStatus(index, status) { for (const row of this.rowsOf(this.box(index).name)) row.doc_status = status; }

  // Transitions

  connect(from, to) {
    const [before, after] = [this.box(from), this.box(to)];
    const asks = Array.isArray(before.row.steps) && before.row.steps.length;
    const taken = this.transitions.filter((row) => row?.state === before.name).map((row) => row.when);
    const when = !asks ? "" : !taken.includes("approved") ? "approved" : !taken.includes("refused") ? "refused" : "";
    const said = { approved: ["Approve", "批准"], refused: ["Refuse", "驳回"], "": [`To ${after.row.title?.en || after.name}`, `到${after.row.title?.zh || after.name}`] }[when];
    const row = { state: before.name, action: said[0], title: { zh: said[1], en: said[0] }, next_state: after.name, ...(when ? { when } : { allowed: "" }) };
    this.change(() => this.transitions.push(row));
    this.select("transition", this.transitions.length - 1);
  }

  // The roles that may take a transition: one row for each.
  setTakers(index, roles) {
    const rows = this.rowsLike(index);
    const [first] = rows;
    const byRole = new Map(rows.slice(1).map((row) => [row.allowed, row]));
    const { name, idx, workflow_builder_id, ...said } = first; // what Frappe tells rows apart by
    const others = roles.slice(1).map((role) => byRole.get(role) || { ...structuredClone(said), allowed: role });
    first.allowed = roles[0] || "";
    const rest = this.transitions.filter((row) => row === first || !rows.includes(row));
    rest.splice(rest.indexOf(first) + 1, 0, ...others);
    this.raw.transitions = rest;
    this.selected = { kind: "transition", index: rest.indexOf(first) };
  }

  removeTransition(index) {
    const gone = this.rowsLike(index);
    this.select("workflow");
    this.change(() => { this.raw.transitions = this.transitions.filter((row) => !gone.includes(row)); });
  }

  remove() {
    const { kind, index } = this.selected;
    if (kind === "state" && this.box(index)) this.removeState(index);
    if (kind === "transition" && this.transitions[index]) this.removeTransition(index);
  }
}

const likeness = (row) => JSON.stringify(SAME.map((key) => row?.[key] ?? null));

// Frappe keeps the picture of its own builder beside the states, as text.
function frappePlaces(text) {
  let nodes = [];
  try { nodes = JSON.parse(text || "[]"); } catch { /* somebody else's text says nothing of places */ }
  const states = (Array.isArray(nodes) ? nodes : []).filter((node) => node?.type === "state" && node.position);
  return new Map(states.map((node) => [String(node.data?.state ?? ""), node.position]));
}

function intoView(places) {
  const left = Math.min(0, ...[...places.values()].map((place) => place.x));
  const top = Math.min(0, ...[...places.values()].map((place) => place.y));
  return new Map([...places].map(([index, { x, y }]) => [index, { x: x - left, y: y - top }]));
}
