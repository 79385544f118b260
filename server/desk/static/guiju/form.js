// The record form: keeps one state object, shows and hides by conditions, computes formulas, and wires the parts.
// Parts: form-grid.js (child tables), form-link.js, form-signature.js, form-attach.js, form-save.js (saving, drafts, conflicts).
import { setUpGrids } from "./form-grid.js";
import { setUpLinks } from "./form-link.js";
import { setUpSignatures, showSignature } from "./form-signature.js";
import { setUpAttachments, showAttachment } from "./form-attach.js";
import { setUpSaving } from "./form-save.js";
import { setUpEditors } from "./form-editor.js";
import { returnToTab, setUpTabs } from "./form-tabs.js";
import { setUpDates } from "./form-dates.js";
import { fill, setUpInputs, startTyping } from "./form-inputs.js";
import { setUpSigning } from "./form-signing.js";
import { setUpTags } from "./form-tags.js";
import { setUpFlow } from "./form-flow.js";
import { setUpOffline } from "./form-offline.js";
import { setUpBeside } from "./form-beside.js";
import { growTexts } from "./form-grow.js";
import { compute, holds, recordScope } from "./form-formulas.js";
import "./link-preview.js";
import { setUpFilesBeside } from "./file-beside.js";
import { setUpPaper } from "./print-beside.js";
import { setUpScanning } from "./form-scan.js";
import { placeHelp, setUpHelp } from "./form-help.js";
import { still } from "./form-still.js";
import { formatNumbers, plain, readable, tell } from "./form-values.js";

const page = JSON.parse(document.getElementById("form-data").textContent);
const texts = JSON.parse(document.getElementById("form-texts").textContent);
const element = document.getElementById("record");
const fields = new Map(page.meta.fields.map((field) => [field.fieldname, field]));

const form = {
  element,
  page,
  texts,
  fields,
  record: page.record,
  base: structuredClone(page.record), // as the server gave it: what differs from it is this person's work
  open: new Set(page.open),
  titles: new Map(page.titles.map(([doctype, name, title]) => [`${doctype}/${name}`, title])),
  grids: new Map(),
  dirty: false,
  // Called by every part after it has changed the record.
  changed() {
    form.markDirty();
    still(refresh);
    form.draft?.keepSoon();
    form.check?.later();
  },
  markDirty() {
    if (form.dirty) return;
    form.dirty = true;
    element.querySelector("[data-dirty]").hidden = false;
  },
  box(fieldname) {
    return element.querySelector(`[data-field="${CSS.escape(fieldname)}"]`);
  },
  input(fieldname) {
    return element.querySelector(`#f-${CSS.escape(fieldname)}`);
  },
  // What a link field with `link_filters` tells the server: which field it is, and what the form holds now.
  filtersOf({ field, owner }) {
    const isShort = (value) => !Array.isArray(value) && plain(value).length <= 140; // what a filter compares with, and an address can carry
    const plainly = (values) => JSON.stringify(Object.fromEntries(Object.entries(values).filter(([, value]) => isShort(value)).map(([name, value]) => [name, plain(value) || null])));
    const doc = plainly(form.record);
    return owner ? { for: `${owner.doctype}/${field.fieldname}`, doc: plainly(owner.row), parent: doc } : { for: `${page.meta.doctype}/${field.fieldname}`, doc };
  },
  isChanged(fieldname) {
    return JSON.stringify(form.base[fieldname] ?? null) !== JSON.stringify(form.record[fieldname] ?? null);
  },
  // Put a value into the record and whatever shows it, as if typed.
  set(fieldname, value) {
    const field = fields.get(fieldname);
    form.record[fieldname] = value;
    clearError(fieldname);
    if (form.grids.has(fieldname)) form.grids.get(fieldname).draw();
    else show(field, value);
  },
};

function show(field, value) {
  const box = form.box(field.fieldname);
  const input = form.input(field.fieldname);
  if (!input || !box) return;
  if (input.tagName === "OUTPUT") tell(input, readable(form, field, value));
  else if (field.widget === "link" || field.widget === "dynamic-link") showLink(box, input, field, value);
  else if (field.widget === "signature") showSignature(form, box, value);
  else if (field.widget.startsWith("attach")) showAttachment(box, value, field.widget === "attach-image");
  else if (field.widget === "editor") showRich(input, value);
  else if (field.widget === "color") fill(box, input, value);
  else if (input.type === "checkbox") input.checked = Boolean(Number(plain(value)));
  else input.value = input === document.activeElement || field.widget !== "number" ? plain(value) : readable(form, field, value).replace(" %", "");
}

function showLink(box, input, field, value) {
  input.value = readable(form, field, value);
  box.querySelector("input[type=hidden]").value = value || "";
  const opener = box.querySelector(".link-open");
  opener.hidden = !value;
  const target = field.widget === "link" ? field.options : form.record[field.options];
  if (value) opener.href = `/form/${encodeURIComponent(target)}/${encodeURIComponent(value)}`;
}

function showRich(input, value) {
  input.value = value || "";
  input.editor?.set(value);
}

function readInput(input) {
  if (input.type === "checkbox") return input.checked ? 1 : 0;
  const value = input.value.trim();
  return value === "" ? null : value;
}

function onInput(event) {
  const field = fields.get(event.target.name);
  if (!field || field.widget === "grid" || event.target.type === "hidden") return;
  form.record[field.fieldname] = readInput(event.target);
  clearError(field.fieldname);
  form.changed();
}

function clearError(where) {
  const place = document.getElementById(`e-${where}`);
  if (!place || place.hidden) return;
  place.hidden = true;
  form.input(where)?.removeAttribute("aria-invalid");
}

// Formulas first, since conditions may read what they compute; then what is shown, demanded and open.
function refresh() {
  compute(form);
  const scope = recordScope(form);
  for (const field of fields.values()) {
    const box = form.box(field.fieldname);
    if (!box) continue;
    if (field.depends_on) box.hidden = !holds(field.depends_on, scope);
    if (!form.open.has(field.fieldname)) continue;
    if (field.mandatory_depends_on) box.classList.toggle("is-required", holds(field.mandatory_depends_on, scope) || Boolean(field.reqd));
    if (field.read_only_depends_on) close(box, form.input(field.fieldname), holds(field.read_only_depends_on, scope));
  }
  hideEmptyTabs(scope);
  for (const grid of form.grids.values()) grid.refresh();
}

// Nobody may type or press here now; the value still travels along.
function close(box, input, closed) {
  if (!input) return;
  input.editor?.lock(closed);
  if (input.type === "text" || input.tagName === "TEXTAREA") input.readOnly = closed;
  else input.inert = closed;
  placeHelp(box);
  for (const control of box.querySelectorAll("[data-sign], [data-clear], label:has([data-file])")) control.classList.toggle("is-closed", closed);
}

function hideEmptyTabs(scope) {
  for (const field of fields.values()) {
    if (field.fieldtype !== "Tab Break" || !field.depends_on) continue;
    const button = document.getElementById(`tab-${field.fieldname}`);
    if (button) button.hidden = !holds(field.depends_on, scope);
  }
}

element.addEventListener("input", onInput);
element.addEventListener("change", onInput);
setUpTabs();
setUpDates(form);
setUpGrids(form);
setUpTags(form);
setUpFlow(form);
setUpBeside(form);
setUpLinks(form);
setUpSignatures(form);
setUpAttachments(form);
setUpEditors(form);
setUpInputs(form);
setUpScanning(form);
setUpHelp(form);
growTexts(element);
formatNumbers(element, (input) => (input.closest("[data-grid]") ? null : fields.get(input.name)));
for (const field of fields.values()) if (field.widget === "number" && form.open.has(field.fieldname)) show(field, form.record[field.fieldname]);
refresh();
returnToTab();
form.base = structuredClone(page.record);
form.dirty = false;
element.querySelector("[data-dirty]").hidden = true;
const saver = setUpSaving(form);
setUpSigning(form);
setUpPaper(form);
setUpFilesBeside(form);
setUpOffline(form, saver);
startTyping(form);
element.dataset.ready = "1";
