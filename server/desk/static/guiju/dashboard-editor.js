// Changing a dashboard: tiles are added, dragged or moved by buttons, set up in place, and shown as their reader will see them.
import { liven } from "/static/guiju/list-filters.js";
import { offer } from "/static/guiju/offers.js";
import { button, check, choice, line, make } from "/static/guiju/report-parts.js";

const page = JSON.parse(document.getElementById("dash-data").textContent);
const { words } = page;
const form = document.querySelector("[data-dashboard-editor]");
const canvas = form.querySelector("[data-canvas]"), said = form.querySelector("[data-said]");
const KINDS = ["Indicator", "Chart", "Table", "Count", "Shortcut"];
const WIDTHS = ["Quarter", "Half", "Full"].map((width) => [width, words[width]]);
let chosen = null;

form.querySelector("[data-titles]").append(
  line(words.label_zh, page.title, (value) => { page.title = value; }, { required: true }), line(words.label_en, page.title_en, (value) => { page.title_en = value; }));
for (const kind of KINDS) form.querySelector("[data-add]").append(button(`+ ${words[kind]}`, () => {
  page.tiles.push({ kind, width: kind === "Chart" || kind === "Table" ? "Half" : "Quarter", ...first(kind) });
  chosen = page.tiles.length - 1;
  draw();
  canvas.lastElementChild.scrollIntoView({ block: "nearest" });
}));
for (const [role, title] of page.roles) form.querySelector("[data-roles]").append(check(title, page.shared.includes(role), (on) => { page.shared = page.shared.filter((each) => each !== role).concat(on ? [role] : []); }));

function offered(kind) {
  return page.reports.filter(([, , charts, targets]) => kind === "Table" || (kind === "Chart" ? charts : targets)).map(([name, title]) => [name, title]);
}

function first(kind) {
  if (kind === "Count") return { document_type: page.doctypes[0]?.[0] || "" };
  if (kind === "Shortcut") return { address: "/inbox", label_zh: words.Shortcut };
  return { report: offered(kind)[0]?.[0] || "" };
}

function moved(from, to) {
  if (to < 0 || to >= page.tiles.length) return;
  page.tiles.splice(to, 0, ...page.tiles.splice(from, 1));
  if (chosen === from) chosen = to;
  said.textContent = words.moved.replace("{n}", to + 1);
  draw();
  canvas.querySelectorAll("[data-handle]")[to]?.focus();
}

function draw() {
  canvas.replaceChildren(...(page.tiles.length ? page.tiles.map(card) : [make("p", { className: "muted dash-full", textContent: words.empty })]));
}

function card(tile, place) {
  const inside = make("div", { className: "dash-inside" });
  const tool = (mark, label, pressed) => button(mark, pressed, { className: "rb-plus", title: label, aria: { label: `${label}: ${words[tile.kind]} ${place + 1}` } });
  const handle = make("button", { type: "button", className: "rb-handle", textContent: "⠿", dataset: { handle: "" }, title: words.drag, aria: { label: `${words.drag}: ${words[tile.kind]} (${place + 1}/${page.tiles.length})` } });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); moved(place, place + step); }
  });
  const bar = make("div", { className: "rb-head" }, handle, make("span", { className: "muted dash-kind", textContent: words[tile.kind] }),
    tool("↑", words.up, () => moved(place, place - 1)), tool("↓", words.down, () => moved(place, place + 1)),
    tool("⚙", words.settings, () => { chosen = chosen === place ? null : place; draw(); }),
    tool("×", words.remove, () => { page.tiles.splice(place, 1); chosen = null; draw(); }));
  const element = make("section", { className: `card dash-tile dash-${tile.width.toLowerCase()} dash-kind-${tile.kind.toLowerCase()}` }, bar, chosen === place ? settings(tile, inside) : null, inside);
  look(tile, inside);
  return element;
}

const seen = new Map();
async function look(tile, inside) {
  const key = JSON.stringify({ ...tile, width: "" });
  if (!seen.has(key)) {
    const body = new URLSearchParams({ csrf_token: page.csrf, tile: key });
    seen.set(key, fetch("/dashboard/tile", { method: "POST", body }).then((answer) => (answer.ok ? answer.text() : words.offline)).catch(() => words.offline));
  }
  inside.innerHTML = await seen.get(key);
}

// The filters as the report's page or the list offers them; what is chosen shows in the tile at once.
async function filtersOf(tile, inside, box) {
  const body = new URLSearchParams({ csrf_token: page.csrf, tile: JSON.stringify(tile) });
  const answer = await fetch("/dashboard/tile/filters", { method: "POST", body }).catch(() => null);
  box.innerHTML = answer?.ok ? await answer.text() : words.offline;
  if (box.querySelector("[data-conditions]")) liven(box);
  for (const input of box.querySelectorAll("[data-offers]")) offer(input);
  box.addEventListener("change", () => {
    tile.filters = String(new URLSearchParams(box.querySelector("[data-conditions]") ? conditions(box) : pairs(box)));
    look(tile, inside);
  });
}

const pairs = (box) => [...box.querySelectorAll("[name]")].map((input) => [input.name, input.value.trim()]);

// Only whole conditions, and whether all or any of them are meant.
function conditions(box) {
  const rows = [...box.querySelectorAll("[data-filter-row]")].map(pairs).filter((row) => row.every(([, value]) => value));
  return rows.length ? [...rows.flat(), ...(box.querySelector("[name=match]").value === "any" ? [["match", "any"]] : [])] : [];
}

function settings(tile, inside) {
  const filters = make("fieldset", { className: "dash-filters" }, make("legend", { textContent: words.filters }));
  const keep = (name) => (value) => { tile[name] = value; draw(); };
  const about = (name) => (value) => { tile.filters = ""; keep(name)(value); }; // another report has other filters
  const parts = [choice(words.width, tile.width, WIDTHS, keep("width"))];
  if (["Indicator", "Chart", "Table"].includes(tile.kind)) parts.unshift(choice(words.report, tile.report, offered(tile.kind), about("report")));
  if (tile.kind === "Count") parts.unshift(choice(words.doctype, tile.document_type, page.doctypes, about("document_type")));
  if (tile.kind === "Shortcut") parts.unshift(line(words.address, tile.address, keep("address")));
  parts.push(line(words.label_zh, tile.label_zh, keep("label_zh")), line(words.label_en, tile.label_en, keep("label_en")));
  if (tile.kind !== "Shortcut") {
    const box = make("div");
    filters.append(box);
    parts.push(filters);
    filtersOf(tile, inside, box);
  }
  return make("div", { className: "rb-settings rb-line" }, ...parts);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const content = JSON.stringify({ title: page.title, title_en: page.title_en, tiles: page.tiles, shared_with: page.shared.map((role) => ({ role })) });
  const body = new URLSearchParams({ csrf_token: page.csrf, name: page.name, version: page.version ?? "", content });
  const answer = await fetch("/dashboard/save", { method: "POST", body }).catch(() => null);
  const found = answer ? await answer.json().catch(() => null) : null;
  if (found?.version) page.version = found.version; // saved over it when it is asked again
  if (found?.url) location.assign(found.url);
  else said.textContent = found ? `${words.failed}: ${(found.faults || []).join(" ")}` : words.offline;
});

window.Sortable?.create(canvas, { handle: "[data-handle]", animation: 120, onUpdate: (event) => moved(event.oldIndex, event.newIndex) });
draw();
