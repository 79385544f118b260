// The DocType builder: wires the drawing to canvas and panel, checks while one draws, keeps a draft in this browser, plans and publishes.
import { Canvas } from "./builder-canvas.js";
import { Drawing } from "./builder-drawing.js";
import { Panel } from "./builder-panel.js";
import { Preview } from "./builder-preview.js";
import { QuickLine } from "./builder-quick.js";
import { Rights } from "./builder-rights.js";
import { button, enOf, make, said, zhOf } from "./builder-parts.js";
import { LocalDraft, historyButtons, listenToKeys, saidBefore, sayNext } from "./editing.js";
import { listed } from "./publishing.js";

const page = JSON.parse(document.getElementById("builder-data").textContent);
const { words } = page;
const root = document.getElementById("builder");
const part = (name) => root.querySelector(`[data-${name}]`);
const CHECK_AFTER_MS = 700;

page.isNew = !page.raw;
const STARTER = {
  doctype: "DocType", name: "", module: "site", autoname: "naming_series:", title_field: "title",
  fields: [
    { fieldname: "naming_series", fieldtype: "Select", label: { zh: "编号规则", en: "Series" }, options: "XX-.YYYY.-.#####", default: "XX-.YYYY.-.#####", hidden: 1 },
    { fieldname: "title", fieldtype: "Data", label: { zh: "标题", en: "Title" }, reqd: 1, in_list_view: 1 },
  ],
  permissions: [{ role: "System Manager", read: 1, write: 1, create: 1, delete: 1, print: 1, export: 1 }],
};

const drawing = new Drawing(page.raw || STARTER, page);
const canvas = new Canvas(drawing, part("canvas"), part("palette"), page);
new Panel(drawing, part("panel"), page);
new QuickLine(drawing, part("quick"), page);
new Rights(drawing, part("rights"), page);
const preview = new Preview(drawing, part("preview"), page);

// Views: the fields, who may do what, the form as staff will see it

const VIEWS = ["fields", "rights", "preview"];

function showView(name) {
  root.dataset.view = name;
  for (const view of VIEWS) {
    const tab = part("views").querySelector(`[data-view-name=${view}]`);
    tab.setAttribute("aria-selected", String(view === name));
    tab.tabIndex = view === name ? 0 : -1;
  }
  part("canvas").hidden = part("quick").hidden = name !== "fields";
  part("rights").hidden = name !== "rights";
  part("preview").hidden = name !== "preview";
  preview.show();
}

part("views").append(...VIEWS.map((name) => button(words[`view_${name}`], () => showView(name), { className: "builder-view", role: "tab", dataset: { viewName: name } })));
part("views").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  showView(VIEWS[(VIEWS.indexOf(root.dataset.view) + step + VIEWS.length) % VIEWS.length]);
  part("views").querySelector("[aria-selected=true]").focus();
});

// Draft

const PUBLISHED = "guiju-built";
const draft = new LocalDraft(`guiju-builder/${page.raw?.name || "new"}`);
let saved = JSON.stringify(drawing.pieces());
const isChanged = () => JSON.stringify(drawing.pieces()) !== saved;

function openPieces([main, ...children]) {
  drawing.open(main);
  for (const child of children) drawing.children.set(child.name, drawing.piece(child));
  drawing.tell("all");
}

// Checking

const state = part("state");
let timer = null;
let asked = 0;

async function send(path, more = {}) {
  const body = new URLSearchParams({ csrf_token: page.csrf, pieces: JSON.stringify(drawing.pieces()), ...more });
  const answer = await fetch(`/admin/builder/${path}`, { method: "POST", body }).catch(() => null);
  return (await answer?.json().catch(() => null)) || { faults: [{ where: "", message: words.not_reached }] };
}

async function check() {
  clearTimeout(timer);
  const number = ++asked;
  state.textContent = words.checking;
  const plan = await send("check");
  if (number !== asked) return plan;
  show(plan.faults);
  if (!plan.faults.length) preview.show();
  page.nextName = plan.next_name || "";
  const shown = root.querySelector("[data-next-name]");
  if (shown) shown.textContent = page.nextName ? `${words.next_name}${page.nextName}` : "";
  return plan;
}

function show(faults) {
  state.textContent = faults.length ? words.faults.replace("{number}", faults.length) : words.checked;
  state.classList.toggle("is-bad", faults.length > 0);
  const list = part("faults");
  list.hidden = !faults.length;
  list.replaceChildren(...faults.map((fault) => {
    const place = placeOf(fault.where);
    const text = fault.message.startsWith(`${fault.where}`) && place ? `${place.label}${fault.message.slice(fault.where.length)}` : fault.message;
    const line = make("li", {});
    if (place?.id) line.append(button(text, () => { drawing.select(place.id, place.table); canvas.focus(place.id); }, { className: "builder-fault" }));
    else line.append(text);
    return line;
  }));
}

// `Inspection: fields[3].options` names the fourth field of a piece.
function placeOf(where) {
  const [name, path] = where.split(": ");
  const table = drawing.children.has(name) ? name : null;
  const piece = table ? drawing.children.get(table) : name === (drawing.main.raw.name || "") ? drawing.main : null;
  const found = /^fields\[(\d+)\]\.?(\w*)/.exec(path || "");
  if (!piece) return null;
  if (!found) return { label: [said(piece.raw.label, page.language) || name, words[path] || path].filter(Boolean).join(" · ") };
  const field = piece.fields[Number(found[1])];
  const label = said(field?.raw.label, page.language) || field?.raw.fieldname || `#${Number(found[1]) + 1}`;
  return { id: field?.id, table, label: found[2] ? `${label} · ${words[found[2]] || found[2]}` : label };
}

// Publishing

async function plan() {
  const found = await check();
  if (found.faults.length) { part("faults").scrollIntoView({ block: "nearest" }); return; }
  const steps = found.steps.length ? found.steps : [words.only_metadata];
  const body = found.is_empty ? [make("p", { textContent: words.no_change })] : [...listed(words.changes, found.changes), ...listed(words.plan, steps)];
  body.push(...found.warnings.map((warning) => make("p", { className: "text-warning", textContent: warning.message })));
  const reason = make("textarea", { className: "form-control form-control-sm", id: "builder-reason", rows: 2, maxLength: 2000, required: found.failing.length > 0 });
  if (!found.is_empty) body.push(...listed(words.failing, found.failing), make("label", { htmlFor: reason.id, textContent: found.failing.length ? words.reason_needed : words.reason }), reason);
  const box = dialog(words.publish_now, body);
  const go = button(words.publish_now, () => publish(found.base_version, box, reason.value), { className: "btn btn-primary btn-sm", disabled: found.failing.length > 0 });
  reason.addEventListener("input", () => { go.disabled = found.failing.length > 0 && !reason.value.trim(); });
  if (!found.is_empty) box.actions.append(go);
  box.open();
  if (!found.is_empty) go.focus();
}

async function publish(version, box, reason) {
  const answer = await send("publish", { base_version: version, reason });
  if (!answer.published) {
    box.close();
    show(answer.faults);
    return;
  }
  draft.drop();
  saved = JSON.stringify(drawing.pieces());
  sayNext(PUBLISHED, words.published);
  window.location.assign(`/admin/builder/?name=${encodeURIComponent(drawing.main.raw.name)}`);
}

function dialog(title, body) {
  const actions = make("div", { className: "builder-dialog-actions" });
  const element = make("dialog", { className: "builder-dialog", aria: { label: title } }, make("h2", { textContent: title }), ...body, actions);
  const close = () => element.close();
  actions.append(button(words.close, close));
  element.addEventListener("close", () => element.remove());
  return { element, actions, close, open: () => { document.body.append(element); element.showModal(); } };
}

// Files

// One file: the record type, or a list of it and its child tables.
function exportFile() {
  const pieces = drawing.everything();
  const name = `${(pieces[0].name || "doctype").toLowerCase().replace(/\W+/g, "_")}.json`;
  const text = JSON.stringify(pieces.length > 1 ? pieces : pieces[0], null, 1);
  const address = URL.createObjectURL(new Blob([`${text}\n`], { type: "application/json" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function importFile() {
  const input = make("input", { type: "file", accept: ".json,application/json" });
  input.addEventListener("change", async () => {
    try {
      const read = JSON.parse(await input.files[0].text());
      const pieces = Array.isArray(read) ? read : [read];
      if (!pieces.length || !pieces.every((raw) => Array.isArray(raw.fields))) throw new Error("no fields");
      const main = pieces.find((raw) => !Number(raw.istable)) || pieces[0];
      if (!page.isNew) Object.assign(main, { name: drawing.main.raw.name, ...(drawing.main.raw.renamed_from ? { renamed_from: drawing.main.raw.renamed_from } : {}) });
      drawing.change(() => {
        for (const raw of pieces) if (raw !== main) drawing.children.set(raw.name, drawing.piece(raw));
        drawing.main = drawing.piece(main);
        drawing.selected = { id: null, table: null };
      });
    } catch {
      show([{ where: "", message: words.unreadable }]);
    }
  });
  input.click();
}

// A record type of its own: it asks for a new name; its child tables are shared until they are changed.
function duplicate() {
  const { name, creation, modified, modified_by, owner, renamed_from, ...copy } = drawing.raw();
  const label = { zh: `${zhOf(copy.label) || name} ${words.copy_zh}`, en: `${enOf(copy.label) || name} ${words.copy_en}` };
  sessionStorage.setItem("guiju-copied", JSON.stringify({ ...copy, label, name: `${name} Copy` }));
  window.location.assign("/admin/builder/");
}

// Wiring

const { undo, redo, refresh: refreshHistory } = historyButtons(drawing, words);
const tools = [undo, redo, button(words.import, importFile), button(words.export, exportFile)];
if (!page.isNew) tools.push(button(words.duplicate, duplicate));
tools.push(button(words.publish, plan, { className: "btn btn-primary btn-sm" }));
part("tools").append(...tools);

function refresh() {
  refreshHistory();
  part("title").textContent = said(drawing.main.raw.label, page.language) || drawing.main.raw.name || words.new;
  part("built").hidden = true;
  if (!isChanged()) return;
  draft.keep(JSON.stringify(drawing.pieces()));
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER_MS);
}

drawing.listen((what) => { if (what !== "selection") refresh(); });
listenToKeys(drawing, plan);
draft.guard(isChanged);

const copied = sessionStorage.getItem("guiju-copied");
if (page.isNew && copied) {
  sessionStorage.removeItem("guiju-copied");
  drawing.change(() => { drawing.main = drawing.piece(JSON.parse(copied)); drawing.selected = { id: null, table: null }; });
} else draft.offer(part("draft"), words, saved, openPieces);
showView("fields");
refresh();
if (page.isNew && !isChanged()) state.textContent = words.begin; // nothing is wrong with what nobody has begun
else check();
if (page.isNew) part("panel").querySelector("input")?.focus();
const done = saidBefore(PUBLISHED);
if (done) {
  const { name, issingle, istable } = drawing.main.raw;
  const place = encodeURIComponent(name);
  const next = [
    [Number(issingle) ? `/form/${place}/${place}` : `/list/${place}`, words.open_list],
    [`/form/${place}/new`, words.open_new],
    [`/admin/workflows/diagram?doctype=${place}`, words.then_workflow],
    [`/admin/rules/edit?doctype=${place}`, words.then_rule],
    [`/admin/formats/design?doctype=${place}`, words.then_print],
  ];
  part("built").append(done, ...(Number(istable) ? [] : next).flatMap(([href, textContent], at) => [at ? " · " : " ", make("a", { href, textContent })]));
  part("built").hidden = false;
}
root.dataset.ready = "1";
