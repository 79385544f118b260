// Formulas and conditions of a form: the same trees as on the server, evaluated by expressions.js.
import { evaluate, Exact, holds as truthOf, number, round, truth } from "./expressions.js";
import { dateOf } from "./form-dates.js";
import { readable, readNumber, tell } from "./form-values.js";

const DATES = new Set(["date", "datetime", "time"]);
const NUMBERS = new Set(["Int", "Float", "Currency", "Percent", "Check", "Duration", "Rating"]);

// What was typed, as the evaluator takes it: numbers exact, dates as texts, empty as null.
function read(values, fields) {
  const found = {};
  for (const [name, value] of Object.entries(values || {})) {
    const field = fields.get(name);
    if (value === "" || value === undefined) found[name] = null;
    else if (field && NUMBERS.has(field.fieldtype) && typeof value === "string") found[name] = readNumber(value);
    else if (field && DATES.has(field.widget) && typeof value === "string") found[name] = dateOf(field.widget, value);
    else found[name] = value;
  }
  return found;
}

function readRecord(form) {
  const found = read(form.record, form.fields);
  for (const [name, grid] of form.grids) found[name] = (form.record[name] || []).map((row) => read(row, grid.fields));
  return found;
}

const common = (form) => ({ user: form.page.user, today: form.page.today, now: form.page.now });

export function recordScope(form) {
  const doc = readRecord(form);
  if (form.page.isNew) doc.__islocal = 1;
  return { doc, parent: null, ...common(form) };
}

// Scopes of rows. The record around them is read once for all, and only when an expression asks for it: reading it anew for each
// of 500 rows would cost as much as 250,000 of them.
export function rowScopes(form, fields) {
  let parent = null;
  const around = common(form);
  return (row) => ({ doc: read(row, fields), get parent() { return (parent ||= readRecord(form)); }, ...around });
}

export const holds = truthOf;

function fit(value, field) {
  if (field.fieldtype === "Check") return truth(value) ? 1 : 0;
  if (value === null) return null;
  if (field.precision !== undefined && number(value)) return round(value, field.precision).toJSON();
  if (field.fieldtype === "Int") return number(value) ? round(value, 0).toString() : null;
  return value instanceof Exact ? value.toJSON() : value;
}

// Every formula once per pass, rows before the record; a second pass settles what reads another formula.
export function compute(form) {
  for (let pass = 0; pass < 4; pass += 1) {
    let moved = false;
    for (const [name, grid] of form.grids) {
      const computed = [...grid.fields.values()].filter((field) => field.formula);
      if (!computed.length) continue;
      const scopeOf = rowScopes(form, grid.fields);
      for (const row of form.record[name] || []) for (const field of computed) moved = put(row, field, evaluate(field.formula, scopeOf(row))) || moved;
    }
    let scope = null;
    for (const field of form.fields.values()) {
      if (!field.formula || !put(form.record, field, evaluate(field.formula, (scope ||= recordScope(form))))) continue;
      moved = true;
      scope = null; // what is computed next may read it
      const shown = form.input(field.fieldname);
      if (shown) tell(shown, readable(form, field, form.record[field.fieldname]));
    }
    if (!moved) return;
  }
}

function put(values, field, value) {
  const next = fit(value, field);
  if (JSON.stringify(values[field.fieldname] ?? null) === JSON.stringify(next)) return false;
  values[field.fieldname] = next;
  return true;
}
