// The print designer: blocks, their form, the paper beside them; what the server says after every change, publishing.
import { button, make, said, textArea } from "./builder-parts.js";
import { LocalDraft, historyButtons, listenToKeys, saidBefore, sayNext } from "./editing.js";
import { PrintBodies } from "./print-bodies.js";
import { PrintCanvas } from "./print-canvas.js";
import { PrintPanel } from "./print-panel.js";
import { blockAt, split } from "./print-places.js";
import { PrintPreview } from "./print-preview.js";
import { RuleDocument } from "./rule-document.js";
import { confirmation, dialog, listed } from "./publishing.js";
import { showFaultsIn } from "./workflow-parts.js";

const page = JSON.parse(document.getElementById("print-data").textContent);
const { words } = page;
const root = document.getElementById("print-designer");
const element = (name) => root.querySelector(`[data-${name}]`);
const pane = (name) => root.querySelector(`[data-pane="${name}"]`);
const LOOK_AFTER_MS = 450;
const PUBLISHED = "guiju-print-published";
const BODIES = ["blocks", "html", "workbook"];

const draft = new LocalDraft(`guiju-print/${page.name || "new"}`);
const doc = page.doc = new RuleDocument(page.raw);
const opened = JSON.stringify(page.raw);
const published = page.published ? JSON.stringify(page.published) : opened;
const isChanged = () => JSON.stringify(doc.raw) !== published;
Object.assign(page, { selected: "", fields: [], tables: {}, suggested: [] });

// What the parts ask of the page

page.touch = () => doc.touch();
page.change = (edit) => { doc.typedAt = 0; edit(); doc.touch(); doc.typedAt = 0; drawAll(); };
page.select = (place) => {
  page.selected = blockAt(doc.raw, place) ? place : "";
  canvas.mark();
  panel.draw();
  showFaults();
};
page.become = (body, tab) => {
  const kept = Object.fromEntries(Object.entries(doc.raw).filter(([key]) => !BODIES.includes(key)));
  page.selected = "";
  doc.replace({ ...kept, ...body });
  show(tab);
};
page.labelOf = (name, table = "") => (table ? page.tables[table] || [] : page.fields).find((field) => field.name === name)?.label || name || "";
page.everyField = () => [
  ...page.fields.map(({ name, label }) => ({ value: name, title: label, detail: name })),
  ...Object.entries(page.tables).flatMap(([table, columns]) => columns.map(({ name, label }) => ({ value: `${table}.${name}`, title: label, detail: `${table}.${name}`, group: page.labelOf(table) }))),
];

let loaded = null;
page.loadFields = async () => {
  const doctype = doc.raw.doc_type || "";
  if (doctype === loaded) return;
  const isFirst = loaded === null;
  loaded = doctype;
  const answer = doctype && (await fetch(`/admin/formats/fields?${new URLSearchParams({ doctype })}`).catch(() => null));
  Object.assign(page, { fields: [], tables: {}, suggested: [] }, answer?.ok ? await answer.json() : {});
  if (!isFirst) preview.changeDoctype();
  if (!isFirst && page.name === null && Array.isArray(doc.raw.blocks) && !doc.raw.blocks.length && page.suggested.length) canvas.begin();
  drawAll();
};

const canvas = page.canvas = new PrintCanvas(page, pane("blocks"));
const panel = new PrintPanel(page, element("panel"));
const preview = new PrintPreview(page, element("preview"));
const bodies = new PrintBodies(page, pane("html"), pane("workbook"));
const notice = make("p", { className: "text-muted print-notice" });
pane("blocks").prepend(notice);

// Tabs

const tabs = BODIES.map((name) => {
  const tab = make("button", { type: "button", role: "tab", className: "print-tab", textContent: words[`tab_${name}`], id: `print-tab-${name}`, dataset: { tab: name } });
  tab.addEventListener("click", () => show(name));
  return tab;
});
element("tabs").append(...tabs);
function show(name) {
  for (const tab of tabs) tab.setAttribute("aria-selected", String(tab.dataset.tab === name));
  for (const body of BODIES) pane(body).hidden = body !== name;
  root.dataset.tab = name;
}

// Looking: what is wrong, and the paper

let faults = [];
let asked = 0;
let timer = null;

async function send(path, more = {}) {
  const given = { csrf_token: page.csrf, format: JSON.stringify(doc.raw), name: page.name || "", based_on: page.based_on, ...preview.asked, ...more };
  const answer = await fetch(`/admin/formats/${path}`, { method: "POST", body: new URLSearchParams(given) }).catch(() => null);
  return (await answer?.json().catch(() => null)) || { faults: [{ where: "", message: words.not_reached }] };
}

page.look = async () => {
  clearTimeout(timer);
  const number = ++asked;
  element("state").textContent = words.checking;
  const seen = await send("look");
  if (number !== asked) return seen;
  preview.show(seen);
  if (seen.html !== undefined) bodies.setWritten(seen.html);
  setFaults(seen.faults);
  root.dataset.looked = number;
  return seen;
};

function setFaults(found) {
  const isUntouched = page.name === null && !isChanged(); // nobody is blamed for what they have not begun
  faults = isUntouched ? [] : found.filter((fault, index) => found.findIndex((other) => other.where === fault.where && other.message === fault.message) === index);
  const state = element("state");
  state.textContent = isUntouched ? "" : faults.length ? words.faults.replace("{number}", faults.length) : words.checked;
  state.classList.toggle("is-bad", faults.length > 0);
  canvas.setFaults(new Set(faults.map((fault) => split(fault.where)?.place).filter(Boolean)));
  showFaults();
}

function showFaults() {
  showFaultsIn(element("panel"), faults);
  const list = element("faults");
  list.hidden = !faults.length;
  list.replaceChildren(...faults.map((fault) => {
    const found = split(fault.where);
    const line = /\.html:(\d+)$/.exec(fault.where);
    const label = found ? `${words.block.replace("{number}", found.index + 1)} ${canvas.kinds.get(blockAt(doc.raw, found.place)?.kind)?.label || ""}: ` : line ? `HTML ${line[1]}: ` : fault.where ? `${fault.where}: ` : "";
    return make("li", {}, button(label + fault.message, () => {
      if (line) { show("html"); bodies.showLine(Number(line[1])); } else { page.select(found?.place || ""); canvas.focus(page.selected); }
    }, { className: "builder-fault" }));
  }));
}

// Publishing

async function plan() {
  const found = await send("plan");
  if (found.faults.length) { setFaults(found.faults); element("faults").scrollIntoView({ block: "nearest" }); return; }
  const { actions, close, put, open } = dialog(words.publish_now);
  if (found.moved) put(make("p", { className: "alert alert-warning", textContent: found.moved }));
  put(...(found.is_empty ? [make("p", { textContent: words.no_change })] : [...listed(words.changes, found.changes), ...listed(words.warnings, found.warnings.map((one) => one.message))]));
  const why = textArea(words.reason, "", () => {}, 2);
  const { told, confirm } = confirmation(words.publish_now, () => send("publish", { base_version: found.base_version, reason: why.querySelector("textarea").value }), (done) => {
    draft.drop();
    page.isLeaving = true;
    sayNext(PUBLISHED, words.published);
    window.location.assign(`/admin/formats/design?${new URLSearchParams({ name: done.name })}`);
  });
  confirm.disabled = found.is_empty;
  put(why, told);
  actions.append(button(words.close, close), confirm);
  open();
  if (!found.is_empty) confirm.focus();
}

// Wiring

const { undo, redo, refresh: refreshHistory } = historyButtons(doc, words);
element("tools").append(button(words.format, () => page.select("")), undo, redo, button(words.publish, plan, { className: "btn btn-primary btn-sm" }));

function refresh() {
  refreshHistory();
  element("title").textContent = said(doc.raw.title, page.language) || doc.raw.name || words.new;
}

function drawAll() {
  if (!blockAt(doc.raw, page.selected)) page.selected = "";
  const isDesigned = doc.raw.blocks !== undefined;
  notice.hidden = isDesigned;
  notice.textContent = doc.raw.workbook !== undefined ? words.is_workbook : words.is_html;
  for (const part of [...pane("blocks").children]) if (part !== notice) part.hidden = !isDesigned;
  canvas.draw();
  panel.draw();
  bodies.draw();
  refresh();
}

doc.listen((what) => {
  if (what !== "value") { drawAll(); preview.drawTools(); page.loadFields(); }
  else { canvas.draw(); refresh(); }
  element("built").hidden = true;
  if (isChanged()) draft.keep(JSON.stringify(doc.raw));
  element("state").textContent = words.checking;
  clearTimeout(timer);
  timer = setTimeout(page.look, LOOK_AFTER_MS);
});
listenToKeys(doc, plan);
draft.guard(() => isChanged() && !page.isLeaving);

await page.loadFields();
show(BODIES.find((body) => doc.raw[body] !== undefined) || "blocks");
draft.offer(element("draft"), words, opened, (raw) => doc.replace(raw));
const done = saidBefore(PUBLISHED);
if (done) {
  element("built").append(done, " ", make("a", { href: `/list/${encodeURIComponent(doc.raw.doc_type)}`, textContent: page.doctypes.find(([name]) => name === doc.raw.doc_type)?.[1] || "" }));
  element("built").hidden = false;
}
await page.look();
root.dataset.ready = "1";
