// Somebody else saved the record meanwhile. What only one of the two changed is merged without a question (form-merge.js); for the
// rest the person chooses field by field between both values, and nothing is lost.
import { isSame, mergeRows } from "./form-merge.js";

// Takes over what only the other one changed, and names it; the differences that are left are those to choose between.
export function merge(form, conflict) {
  const left = [];
  const taken = [];
  for (const item of conflict.differences) {
    const mine = form.isChanged(item.fieldname);
    const decided = mine ? merged(form, item) : { value: item.value };
    if (!decided) left.push(item);
    else {
      if (!isSame(item.value, form.base[item.fieldname])) taken.push(item.label);
      take(form, { ...item, value: decided.value });
    }
    form.base[item.fieldname] = structuredClone(item.value); // what differs from it now is still mine
  }
  return { left, taken };
}

// What a field becomes that I changed; null where both changed it.
function merged(form, { fieldname, value }) {
  const [base, mine] = [form.base[fieldname], form.record[fieldname]];
  const grid = form.grids.get(fieldname);
  if (!grid) return isSame(base, value) || isSame(mine, value) ? { value: mine } : null;
  const names = [...grid.fields.values()].filter((field) => !field.formula && !field.read_only).map((field) => field.fieldname);
  const rows = mergeRows(base || [], mine || [], value || [], names);
  return rows && { value: rows };
}

export function showConflict(form, place, conflict, { save, reload }) {
  const { texts } = form;
  if (conflict.taken?.length) place.append(Object.assign(document.createElement("p"), { textContent: texts.merged.replace("{fields}", conflict.taken.join(texts.comma)) }));
  const table = Object.assign(document.createElement("table"), { className: "conflict" });
  const head = table.createTHead().insertRow();
  for (const text of [texts.field, texts.theirs, texts.mine]) head.append(Object.assign(document.createElement("th"), { textContent: text, scope: "col" }));
  const body = table.createTBody();
  table.hidden = !conflict.differences.length;
  for (const item of conflict.differences) body.append(...lines(form, item));
  place.append(table, buttons(conflict.differences.length ? texts : { ...texts, save_chosen: texts.go_on }, () => {
    for (const item of conflict.differences) {
      if (form.element.querySelector(`input[name="keep__${CSS.escape(item.fieldname)}"]:checked`)?.value === "theirs") take(form, item);
    }
    form.element.querySelector("[name=_version]").value = conflict.current_version;
    form.changed();
    save();
  }, reload));
}

function lines(form, item) {
  const line = document.createElement("tr");
  line.append(Object.assign(document.createElement("th"), { textContent: item.label, scope: "row" }));
  const mine = form.isChanged(item.fieldname);
  for (const [side, text, chosen] of [["theirs", item.theirs, !mine], ["mine", item.mine, mine]]) {
    const label = document.createElement("label");
    const choice = Object.assign(document.createElement("input"), { type: "radio", name: `keep__${item.fieldname}`, value: side, checked: chosen });
    label.append(choice, Object.assign(document.createElement("span"), { textContent: text || "—" }));
    line.insertCell().append(label);
  }
  const parts = (item.parts || []).map((part) => {
    const row = document.createElement("tr");
    row.className = "conflict-part";
    for (const text of [part.label, part.theirs || "—", part.mine || "—"]) row.insertCell().textContent = text;
    return row;
  });
  return [line, ...parts];
}

function take(form, item) {
  for (const [doctype, name, title] of item.titles || []) form.titles.set(`${doctype}/${name}`, title);
  form.set(item.fieldname, item.value);
}

function buttons(texts, save, reload) {
  const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
  for (const [label, style, press] of [[texts.take_theirs, "", reload], [texts.save_chosen, "primary", save]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: `button small ${style}`, textContent: label });
    button.addEventListener("click", press);
    actions.append(button);
  }
  return actions;
}
