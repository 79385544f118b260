// All fields of one row of a child table in a dialog: for phones, and for columns that the grid has no room for.
import { holds, rowScopes } from "./form-formulas.js";
import { display, plain } from "./form-values.js";

const LAYOUT = new Set(["section", "column", "tab", "html", "heading", "image", "nothing"]);

// The fields that the dialog shows.
export const rowFields = (grid) => [...grid.fields.values()].filter((field) => !field.hidden && !LAYOUT.has(field.widget));

export function editRow(grid, index) {
  const row = grid.rows[index];
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog row-dialog" });
  const title = Object.assign(document.createElement("h2"), { textContent: `${grid.meta.label} #${index + 1}`, id: "row-title" });
  dialog.setAttribute("aria-labelledby", title.id);
  const boxes = rowFields(grid).map((field) => [field, fieldBox(grid, row, index, field)]);
  const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
  const done = Object.assign(document.createElement("button"), { type: "button", className: "button primary", textContent: grid.form.texts.done });
  done.addEventListener("click", () => dialog.close());
  actions.append(done);
  dialog.append(title, ...boxes.map(([, box]) => box), actions);
  const refresh = () => boxes.forEach(([field, box]) => renew(grid, row, field, box));
  dialog.addEventListener("input", refresh);
  dialog.addEventListener("renewed", refresh);
  dialog.addEventListener("close", () => { dialog.remove(); grid.draw(); grid.focusTool(index); });
  document.body.append(dialog);
  refresh();
  dialog.showModal();
}

function fieldBox(grid, row, index, field) {
  const box = Object.assign(document.createElement("div"), { className: "field" });
  const id = `row-${field.fieldname}`;
  const label = Object.assign(document.createElement("label"), { htmlFor: id, textContent: field.label });
  label.append(Object.assign(document.createElement("span"), { className: "star", textContent: "*", ariaHidden: "true" }));
  box.append(label);
  box.classList.toggle("is-required", Boolean(field.reqd) && grid.open);
  if (!grid.isOpen(field)) {
    box.append(Object.assign(grid.reading(row, field), { id, className: `reading ${field.widget === "number" ? "number" : ""}` }));
    return box;
  }
  const editor = grid.editor(row, field, id);
  box.append(editor, Object.assign(document.createElement("p"), { className: "field-error", hidden: true }));
  box.lastElementChild.setAttribute("role", "alert");
  if (editor.tagName === "DIV" || editor.tagName === "BUTTON") return box;
  for (const type of ["input", "change"]) {
    editor.addEventListener(type, () => grid.put(row, field, editor.type === "checkbox" ? (editor.checked ? 1 : 0) : editor.value.trim()));
  }
  return box;
}

// Computed and fetched values follow what is typed; the field being typed in is left alone.
function renew(grid, row, field, box) {
  const scope = rowScopes(grid.form, grid.fields)(row);
  if (field.depends_on) box.hidden = !holds(field.depends_on, scope);
  if (field.mandatory_depends_on) box.classList.toggle("is-required", grid.open && (Boolean(field.reqd) || holds(field.mandatory_depends_on, scope)));
  const shown = box.children[1];
  if (!grid.isOpen(field) && shown.tagName === "SPAN") shown.textContent = grid.shown(row, field) || "—";
  else if (shown.tagName === "INPUT" && shown.type === "text" && shown !== document.activeElement) shown.value = field.widget === "number" ? display(row[field.fieldname], field) : plain(row[field.fieldname]);
}
