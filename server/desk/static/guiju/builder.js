// The DocType builder: wires the drawing to canvas and panel, checks while one draws, keeps a draft in this browser, plans and publishes.
import { Canvas } from "./builder-canvas.js";
import { Drawing } from "./builder-drawing.js";
import { Panel } from "./builder-panel.js";
import { button, make, said } from "./builder-parts.js";

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

// Draft

const DRAFT = `guiju-builder/${page.raw?.name || "new"}`;
let saved = JSON.stringify(drawing.pieces());
const isChanged = () => JSON.stringify(drawing.pieces()) !== saved;

function offerDraft() {
  const draft = localStorage.getItem(DRAFT);
  if (!draft || draft === saved) return;
  const box = part("draft");
  const done = () => { box.hidden = true; };
  box.replaceChildren(words.draft_found, " ",
    button(words.draft_use, () => { openPieces(JSON.parse(draft)); done(); }),
    button(words.draft_drop, () => { localStorage.removeItem(DRAFT); done(); }));
  box.hidden = false;
}

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
  if (number === asked) show(plan.faults);
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
  const body = found.is_empty ? [make("p", { textContent: words.no_change })] : [make("p", { textContent: words.plan }), make("ul", {}, ...steps.map((step) => make("li", { textContent: step })))];
  body.push(...found.warnings.map((warning) => make("p", { className: "text-warning", textContent: warning.message })));
  const box = dialog(words.publish_now, body);
  if (!found.is_empty) box.actions.append(button(words.publish_now, () => publish(found.base_version, box), { className: "btn btn-primary btn-sm" }));
  box.open();
}

async function publish(version, box) {
  const answer = await send("publish", { base_version: version });
  if (!answer.published) {
    box.close();
    show(answer.faults);
    return;
  }
  localStorage.removeItem(DRAFT);
  saved = JSON.stringify(drawing.pieces());
  sessionStorage.setItem("guiju-built", words.published);
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

// Preview, as staff will see it at either width

function preview() {
  const frame = make("iframe", { name: "builder-preview", title: words.preview, className: "builder-frame" });
  const box = dialog(words.preview, [frame]);
  box.element.classList.add("is-wide");
  const wide = (width) => button(words[width], () => { frame.dataset.width = width; });
  box.actions.prepend(wide("desktop"), wide("phone"));
  box.open();
  const fields = { csrf_token: page.csrf, pieces: JSON.stringify(drawing.pieces()), name: drawing.main.raw.name || "" };
  const inputs = Object.entries(fields).map(([name, value]) => make("input", { type: "hidden", name, value }));
  const form = make("form", { method: "post", action: "/admin/builder/preview", target: "builder-preview", hidden: true }, ...inputs);
  document.body.append(form);
  form.submit();
  form.remove();
}

// Files

function exportFile() {
  for (const raw of drawing.pieces()) {
    const name = `${(raw.name || "doctype").toLowerCase().replace(/\W+/g, "_")}.json`;
    const address = URL.createObjectURL(new Blob([`${JSON.stringify(raw, null, 1)}\n`], { type: "application/json" }));
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}

function importFile() {
  const input = make("input", { type: "file", accept: ".json,application/json" });
  input.addEventListener("change", async () => {
    try {
      const raw = JSON.parse(await input.files[0].text());
      if (!Array.isArray(raw.fields)) throw new Error("no fields");
      if (!page.isNew) raw.name = drawing.main.raw.name;
      const found = drawing.piece(raw);
      drawing.change(() => { drawing.main = found; drawing.selected = { id: null, table: null }; });
    } catch {
      show([{ where: "", message: words.unreadable }]);
    }
  });
  input.click();
}

function duplicate() {
  const copy = drawing.raw();
  localStorage.setItem("guiju-builder/new", JSON.stringify([{ ...copy, name: "" }]));
  window.location.assign("/admin/builder/");
}

// Wiring

const undo = button(words.undo, () => drawing.undo(), { title: "Ctrl+Z" });
const redo = button(words.redo, () => drawing.redo(), { title: "Ctrl+Shift+Z" });
const tools = [undo, redo, button(words.import, importFile), button(words.export, exportFile)];
if (!page.isNew) tools.push(button(words.duplicate, duplicate));
tools.push(button(words.preview, preview), button(words.publish, plan, { className: "btn btn-primary btn-sm" }));
part("tools").append(...tools);

function refresh() {
  undo.disabled = !drawing.past.length;
  redo.disabled = !drawing.future.length;
  part("title").textContent = said(drawing.main.raw.label, page.language) || drawing.main.raw.name || words.new;
  if (!isChanged()) return;
  localStorage.setItem(DRAFT, JSON.stringify(drawing.pieces()));
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER_MS);
}

drawing.listen((what) => { if (what !== "selection") refresh(); });
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "z" || key === "y") {
    event.preventDefault();
    if (key === "y" || event.shiftKey) drawing.redo();
    else drawing.undo();
  } else if (key === "s") {
    event.preventDefault();
    plan();
  }
});
window.addEventListener("beforeunload", (event) => { if (isChanged() && !localStorage.getItem(DRAFT)) event.preventDefault(); });

if (sessionStorage.getItem("guiju-built")) {
  state.textContent = sessionStorage.getItem("guiju-built");
  sessionStorage.removeItem("guiju-built");
}
offerDraft();
refresh();
root.dataset.ready = "1";
