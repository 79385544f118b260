// The workflow editor: a drawing, the form beside it, what the server says of it after every change, publishing.
import { button, make, said } from "./builder-parts.js";
import { LocalDraft, historyButtons, listenToKeys, saidBefore, sayNext } from "./editing.js";
import { confirmation, dialog, listed } from "./publishing.js";
import { WorkflowCanvas } from "./workflow-canvas.js";
import { WorkflowDrawing } from "./workflow-drawing.js";
import { WorkflowPanel } from "./workflow-panel.js";
import { showFaultsIn } from "./workflow-parts.js";

const page = JSON.parse(document.getElementById("workflow-data").textContent);
const { words } = page;
const root = document.getElementById("workflow-editor");
const element = (name) => root.querySelector(`[data-${name}]`);
const CHECK_AFTER_MS = 400;
const PUBLISHED = "guiju-workflow-published";

const draft = new LocalDraft(`guiju-workflow/${page.name || "new"}`);
page.doc = new WorkflowDrawing(page.raw);
page.fields = [];
const opened = JSON.stringify(page.raw);
const published = page.published ? JSON.stringify(page.published) : opened;
const isChanged = () => JSON.stringify(page.doc.raw) !== published;

// What the forms can name

let loaded = null;
page.loadFields = async () => {
  const doctype = page.doc.raw.document_type || "";
  if (doctype === loaded) return;
  loaded = doctype;
  const answer = doctype && (await fetch(`/admin/workflows/fields?${new URLSearchParams({ doctype })}`).catch(() => null));
  page.fields = answer?.ok ? (await answer.json()).fields : [];
};

// The drawing and its form

const panel = new WorkflowPanel(page, element("panel"));
const canvas = new WorkflowCanvas(page, element("canvas"), () => {
  panel.focus();
  element("panel").scrollIntoView({ block: "nearest" });
});

// Checking

let faults = [];
let asked = 0;
let timer = null;

async function send(path, more = {}) {
  const given = { csrf_token: page.csrf, workflow: JSON.stringify(page.doc.raw), name: page.name || "", based_on: page.based_on, ...more };
  const answer = await fetch(`/admin/workflows/${path}`, { method: "POST", body: new URLSearchParams(given) }).catch(() => null);
  return (await answer?.json().catch(() => null)) || { faults: [{ where: "", message: words.not_reached }] };
}

async function check() {
  clearTimeout(timer);
  const number = ++asked;
  element("state").textContent = words.checking;
  const plan = await send("check");
  if (number === asked) setFaults(plan.faults);
  return plan;
}

// `states[2].steps[0]` stands at the first row of that state, so does a transition's fault at the first row of its arrow.
function placed(fault) {
  const found = /^(states|transitions)\[(\d+)\](.*)$/.exec(fault.where);
  if (!found) return { ...fault, key: null };
  const index = found[1] === "states" ? page.doc.firstRow(Number(found[2])) : page.doc.firstLike(Number(found[2]));
  return { where: `${found[1]}[${index}]${found[3]}`, message: fault.message, key: `${found[1].slice(0, -1)} ${index}` };
}

function setFaults(found) {
  const isUntouched = page.name === null && !isChanged(); // nobody is blamed for what they have not begun
  faults = isUntouched ? [] : found.map(placed);
  const state = element("state");
  state.textContent = isUntouched ? "" : faults.length ? words.faults.replace("{number}", faults.length) : words.checked;
  state.classList.toggle("is-bad", faults.length > 0);
  const byKey = new Map();
  for (const fault of faults) if (fault.key) byKey.set(fault.key, [...(byKey.get(fault.key) || []), fault.message]);
  canvas.setFaults(byKey);
  page.showFaults();
}

function titleOf(key) {
  const [kind, index] = key.split(" ");
  const row = page.doc[`${kind}s`][Number(index)];
  return said(row?.title, page.language) || row?.state || row?.action || `#${Number(index) + 1}`;
}

// At their fields where the form shows them; every one in the list above, which leads to its state or arrow.
page.showFaults = () => {
  showFaultsIn(element("panel"), faults);
  const list = element("faults");
  list.hidden = !faults.length;
  list.replaceChildren(...faults.map(({ key, message }) => make("li", {}, key ? button(`${words[key.split(" ")[0]]} “${titleOf(key)}”: ${message}`, () => {
    page.doc.select(key.split(" ")[0], Number(key.split(" ")[1]));
    canvas.focus(key);
  }, { className: "builder-fault" }) : message)));
};

// Publishing

async function plan() {
  const found = await check();
  if (found.faults.length) { element("faults").scrollIntoView({ block: "nearest" }); return; }
  const { actions, close, put, open } = dialog(words.publish_now);
  if (found.moved) put(make("p", { className: "alert alert-warning", textContent: found.moved }));
  put(...(found.is_empty ? [make("p", { textContent: words.no_change })]
    : [...listed(words.changes, found.changes), ...listed(words.steps_of_plan, found.steps.length ? found.steps : [words.only_metadata]), ...listed(words.warnings, found.warnings.map((one) => one.message))]));
  const { told, confirm } = confirmation(words.publish_now, () => send("publish", { base_version: found.base_version }), (done) => {
    draft.drop();
    page.isLeaving = true;
    sayNext(PUBLISHED, words.published);
    window.location.assign(`/admin/workflows/diagram?${new URLSearchParams({ name: done.name })}`);
  });
  confirm.disabled = found.is_empty;
  put(told);
  actions.append(button(words.close, close), confirm);
  open();
  if (!found.is_empty) confirm.focus();
}

// Wiring

const { doc } = page;
const { undo, redo, refresh: refreshHistory } = historyButtons(doc, words);
element("tools").append(
  button(words.add_state, () => { doc.addState(); panel.focus(); }), undo, redo, button(words.arrange, () => doc.arrange()),
  button("−", () => canvas.zoomBy(-1), { title: words.smaller, ariaLabel: words.smaller }), button("＋", () => canvas.zoomBy(1), { title: words.larger, ariaLabel: words.larger }),
  button(words.publish, plan, { className: "btn btn-primary btn-sm" }),
);
element("help").textContent = words.help;

function refresh() {
  refreshHistory();
  element("title").textContent = said(doc.raw.title, page.language) || doc.raw.name || words.new;
}

doc.listen((what) => {
  canvas.draw();
  if (what !== "value") panel.draw();
  if (what === "selection") return;
  refresh();
  element("built").hidden = true;
  if (isChanged()) draft.keep(JSON.stringify(doc.raw));
  element("state").textContent = words.checking;
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER_MS);
});
listenToKeys(doc, plan);
draft.guard(() => isChanged() && !page.isLeaving);
window.addEventListener("resize", () => canvas.draw());

if (window.innerWidth < 600) canvas.zoom = 1; // a phone shows more of it small
await page.loadFields();
draft.offer(element("draft"), words, opened, async (raw) => { doc.replace(raw); await page.loadFields(); panel.draw(); });
refresh();
canvas.draw();
panel.draw();
const done = saidBefore(PUBLISHED);
if (done) {
  element("built").append(done, " ", make("a", { href: `/list/${encodeURIComponent(doc.raw.document_type)}`, textContent: page.doctypes.find(([name]) => name === doc.raw.document_type)?.[1] || "" }));
  element("built").hidden = false;
}
await check();
root.dataset.ready = "1";
