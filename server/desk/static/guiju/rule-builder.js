// The rule builder: forms over one JSON object, what the server says of it after every stroke, a draft kept there, publishing.
import { button, make, said, zhOf, enOf } from "./builder-parts.js";
import { historyButtons, listenToKeys, saidBefore } from "./editing.js";
import { Conditions, asGroup } from "./rule-conditions.js";
import { Consequences } from "./rule-consequences.js";
import { OF_A_VERSION, RuleDocument } from "./rule-document.js";
import { Facts } from "./rule-facts.js";
import { Fields, Scope } from "./rule-fields.js";
import { drawEvents, drawProperties } from "./rule-properties.js";
import { dialog } from "./publishing.js";
import { publish } from "./rule-publishing.js";
import { Tests } from "./rule-tests.js";
import { drawVersions } from "./rule-versions.js";

const page = JSON.parse(document.getElementById("rule-data").textContent);
const { words } = page;
const root = document.getElementById("rule-builder");
const element = (name) => root.querySelector(`[data-${name}]`);
const LOOK_AFTER_MS = 400;

Object.assign(page, { element, dialog, tables: new Map(), findings: {}, isRight: false, moreOpen: false, isUntouched: page.name === null && !page.is_draft, ownName: Boolean(page.raw.name) });
page.doc = new RuleDocument(page.raw);
page.fields = new Fields(page);
const published = page.published ? JSON.stringify(page.published) : null;
const isChanged = () => JSON.stringify(page.doc.raw) !== (published ?? JSON.stringify(page.raw));

// Asking the server

page.post = (path, more = {}) => {
  const body = new FormData();
  const given = { csrf_token: page.csrf, rule: JSON.stringify(page.doc.raw), key: page.key, based_on: page.based_on, ...more };
  for (const [name, value] of Object.entries(given)) body.append(name, value);
  return fetch(`/admin/rules/${path}`, { method: "POST", body }).catch(() => null);
};
page.send = async (path, more) => (await (await page.post(path, more))?.json().catch(() => null)) || { faults: [{ where: "", message: words.not_reached }] };

let faults = [];
let parts = {};
let asked = 0;
let timer = null;
let mustSave = false;

async function look() {
  clearTimeout(timer);
  const number = ++asked;
  const saves = mustSave;
  const answer = await page.send("look", saves ? { save: 1 } : {});
  if (number !== asked) return;
  if (saves && answer.parts) { mustSave = false; element("saved").textContent = words.kept; }
  page.setFaults(answer.faults || []);
  if (!answer.parts) return;
  parts = answer.parts;
  showPart();
  others(answer.drafts, answer.moved);
}

// What was said of the version on show; nothing yet of one that has just begun.
function showPart() {
  const { sentence, tests: results, facts: described, tables } = parts[page.doc.number < 0 ? "" : `versions[${page.doc.number}]`] || { sentence: { zh: "", en: "" }, tests: [], facts: {}, tables: {} };
  const before = JSON.stringify(page.fields.facts);
  page.fields.facts = described;
  if (JSON.stringify(described) !== before) {
    if (!element("when").contains(document.activeElement)) drawWhen();
    if (!element("then").contains(document.activeElement)) consequences.draw();
  }
  page.findings = tables;
  for (const [at, table] of page.tables) if (table.element.isConnected) table.show(tables[at] || []);
  readAloud(sentence);
  tests.show(results);
}

function later() {
  element("state").textContent = words.checking;
  clearTimeout(timer);
  timer = setTimeout(look, LOOK_AFTER_MS);
}

function readAloud({ zh, en }) {
  const titles = page.language === "zh" ? [...page.roles].sort(([one], [other]) => other.length - one.length) : [];
  for (const [role, title] of titles) zh = zh.replaceAll(role, title); // roles are called differently on every site
  element("sentence").replaceChildren(...(zh || en ? [make("p", { lang: "zh", textContent: zh }), make("p", { lang: "en", textContent: en })] : [make("p", { className: "text-muted", textContent: words.nothing_yet })]));
}

function others(drafts, moved) {
  const lines = drafts.filter((draft) => draft.author !== page.shownDraft).map((draft) => make("span", {}, words.draft_other.replace("{name}", draft.name).replace("{at}", draft.at), " ", make("a", { href: `?${new URLSearchParams({ ...(page.name ? { name: page.name } : { draft: page.key }), of: draft.author })}`, textContent: words.draft_see })));
  if (moved) lines.push(make("strong", { textContent: words.moved.replace("{by}", moved.by).replace("{at}", moved.at) }));
  const box = element("others");
  box.hidden = !lines.length;
  box.replaceChildren(...lines.flatMap((line, index) => (index ? [make("br"), line] : [line])));
}

// Faults, each at the row that it concerns

page.setFaults = (found) => {
  faults = page.isUntouched ? [] : found; // nobody is blamed for what they have not begun
  page.isRight = !found.length;
  const state = element("state");
  state.textContent = page.isUntouched ? "" : found.length ? words.faults.replace("{number}", found.length) : words.checked;
  state.classList.toggle("is-bad", found.length > 0);
  page.showFaults();
};

// A place in the rule's JSON as a place of the version on show; what another version says is marked on the time line.
function placeOf(where) {
  const { number, own } = page.doc;
  const mine = `versions[${number}].`;
  if (number < 0 || !where) return where;
  if (where.startsWith(mine)) return where.slice(mine.length);
  if (where.startsWith("versions[")) return where;
  const [key] = where.split(/[.[]/);
  return OF_A_VERSION.includes(key) && !own.includes(key) ? where : "rule";
}

page.showFaults = () => {
  for (const old of root.querySelectorAll(".rule-fault")) old.remove();
  for (const marked of root.querySelectorAll(".has-rule-fault")) { marked.classList.remove("has-rule-fault"); if (marked.tagName === "TD") marked.removeAttribute("title"); }
  const places = [...root.querySelectorAll("[data-at]")];
  const left = [];
  for (const fault of faults) {
    const where = placeOf(fault.where);
    const fits = places.filter((place) => where === place.dataset.at || where.startsWith(`${place.dataset.at}.`) || where.startsWith(`${place.dataset.at}[`));
    const place = fits.sort((a, b) => b.dataset.at.length - a.dataset.at.length)[0];
    if (!place) { left.push(fault.message); continue; }
    place.classList.add("has-rule-fault");
    if (place.tagName === "TD") place.title = fault.message;
    if (place.tagName === "BUTTON") { left.push(`${place.firstElementChild.textContent}: ${fault.message}`); continue; }
    const home = place.tagName === "TD" || place.tagName === "TH" ? place.closest(".rule-table") : place;
    home.append(make("p", { className: "rule-fault", textContent: fault.message }));
  }
  const list = element("faults");
  list.hidden = !left.length;
  list.replaceChildren(...left.map((message) => make("li", { textContent: message })));
};

// The form

const consequences = new Consequences(page, element("then"));
const facts = new Facts(page, element("facts"));
const tests = new Tests(page, element("tests"));

function drawWhen() {
  const box = element("when");
  const { doc } = page;
  const group = asGroup(doc.shown.when, page);
  const kind = Object.keys(group)[0];
  const changed = () => {
    if (kind === "all" && !group[kind].length) delete doc.shown.when; // no condition: always
    else doc.shown.when = group;
    doc.touch();
    none.hidden = group[kind].length > 0;
  };
  const select = make("select", { className: "custom-select custom-select-sm rule-joint", ariaLabel: words.group_add }, ...page.vocabulary.groups.map(([name, label]) => new Option(label, name, false, name === kind)));
  select.addEventListener("change", () => { doc.shown.when = { [select.value]: group[kind] }; doc.touch(); drawWhen(); });
  const none = make("p", { className: "text-muted", textContent: words.always, hidden: group[kind].length > 0 });
  box.replaceChildren(select, none, new Conditions(page, { changed }).list(group[kind], new Scope(page.fields), `when.${kind}`));
}

const called = () => said(page.doc.shown.title, page.language) || page.doc.raw.name || words.new;

page.draw = () => {
  page.tables.clear();
  drawVersions(page, element("versions"));
  drawProperties(page, element("properties"));
  element("events").hidden = page.doc.number >= 0; // one for all versions
  drawEvents(page, element("on"));
  drawWhen();
  facts.draw();
  consequences.draw();
  tests.draw();
  showPart();
  element("title").textContent = called();
};

// The form upon the fields of a DocType. While they are on their way nothing is begun that the drawing would take away again.
let fetching = 0;
page.drawFor = async (doctype) => {
  const number = ++fetching;
  const parts = page.fields.known.has(doctype) ? [] : ["when", "then", "facts", "tests"].map(element);
  for (const part of parts) part.inert = true;
  await page.fields.load(doctype);
  for (const part of parts) part.inert = false;
  if (number === fetching) page.draw();
};

// The JSON, in step with the form

const json = element("json-text");
const writeJson = () => { if (document.activeElement !== json) json.value = JSON.stringify(page.doc.raw, null, 1); };
json.addEventListener("input", () => {
  const told = element("json-told");
  try {
    const raw = JSON.parse(json.value);
    if (!raw || typeof raw !== "object" || Array.isArray(raw)) throw new Error("{}");
    told.hidden = true;
    page.doc.replace(raw);
  } catch (error) {
    told.hidden = false;
    told.textContent = words.json_wrong + error.message;
  }
});

function showView(name) {
  for (const view of ["form", "json"]) {
    element(`view-${view}`).hidden = view !== name;
    const tab = root.querySelector(`[data-view-name=${view}]`);
    tab.setAttribute("aria-selected", String(view === name));
    tab.tabIndex = view === name ? 0 : -1;
  }
  if (name === "json") json.value = JSON.stringify(page.doc.raw, null, 1);
}

element("views").append(...["form", "json"].map((name) => button(words[`view_${name}`], () => showView(name), { className: "builder-view", role: "tab", dataset: { viewName: name } })));
element("views").addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  showView(element("view-form").hidden ? "form" : "json");
  element("views").querySelector("[aria-selected=true]").focus();
});

// The bar

const { undo, redo, refresh: refreshHistory } = historyButtons(page.doc, words);
const duplicate = () => {
  const { name, ...copy } = page.doc.raw;
  sessionStorage.setItem("guiju-rule-copied", JSON.stringify({ name: `${name}-copy`, ...copy, title: { zh: `${zhOf(copy.title)} 副本`, en: `${enOf(copy.title)} copy` } }));
  window.location.assign("/admin/rules/edit");
};
element("tools").append(undo, redo, ...(page.name ? [button(words.duplicate, duplicate)] : []), button(words.publish, () => publish(page), { className: "btn btn-primary btn-sm" }));

function notices() {
  const box = element("draft");
  const discard = button(words.draft_discard, async () => { mustSave = false; await page.send("discard"); window.location.assign(page.name ? `?${new URLSearchParams({ name: page.name })}` : "/admin/rules/"); });
  if (page.is_earlier) { page.reason = words.earlier_reason; box.replaceChildren(words.earlier); }
  else if (page.draft) box.replaceChildren(words.draft_mine.replace("{at}", page.draft.at), " ", discard);
  else if (page.is_draft) {
    page.shownDraft = new URLSearchParams(window.location.search).get("of");
    box.replaceChildren(words.draft_shown.replace("{name}", page.others.find((one) => one.author === page.shownDraft)?.name || page.shownDraft));
  } else return;
  box.hidden = false;
}

function refresh() {
  refreshHistory();
  element("title").textContent = called();
  element("built").hidden = true;
  writeJson();
}

let shownOwn = "";
page.doc.listen(async (what) => {
  mustSave = true;
  page.isUntouched = false;
  element("saved").textContent = "";
  if (page.doc.own.join() !== shownOwn) { shownOwn = page.doc.own.join(); drawVersions(page, element("versions")); }
  if (what === "all") await page.drawFor(page.doc.raw.applies_to);
  refresh();
  later();
});
listenToKeys(page.doc, () => publish(page), (typedIn) => typedIn === json);
element("simulate").addEventListener("submit", () => { element("simulate").elements.json.value = JSON.stringify(page.doc.raw); });
window.addEventListener("beforeunload", (event) => { if (mustSave && isChanged()) event.preventDefault(); });

const copied = sessionStorage.getItem("guiju-rule-copied");
if (page.name === null && copied && !page.is_draft) {
  sessionStorage.removeItem("guiju-rule-copied");
  page.doc.raw = JSON.parse(copied);
  page.doc.look(-1);
  page.ownName = true;
  page.doc.touch();
}
const done = saidBefore("guiju-rule-published");
notices();
showView("form");
await page.drawFor(page.doc.raw.applies_to);
refresh();
if (done) { element("built").textContent = done; element("built").hidden = false; }
await look();
root.dataset.ready = "1";
if (page.name === null && !page.is_draft) element("properties").querySelector("input")?.focus();
