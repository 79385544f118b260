// The keys that hold on every page: Ctrl+K opens the palette, `?` lists the keys, single letters go somewhere while nobody types.
import { areSingleKeysOn } from "./single-keys.js";
import { neighbour, listOf } from "./trail.js";

const TYPING = "input, textarea, select, [contenteditable=true], [role=textbox]";

const palette = () => import("./palette.js");

// The palette's field stands before its script and its entries are there: what is typed meanwhile is in it, by an input method as well.
async function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  const label = document.querySelector(".bar-palette")?.getAttribute("aria-label") || "";
  const dialog = Object.assign(document.createElement("dialog"), { className: "palette", ariaLabel: label });
  const head = Object.assign(document.createElement("div"), { className: "palette-head" });
  head.append(Object.assign(document.createElement("input"), { type: "text", autocomplete: "off", ariaLabel: label, autofocus: true }));
  dialog.append(head);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  const found = await palette().catch(() => null);
  if (!found || !(await found.fillPalette(dialog))) dialog.close();
}

const go = (address) => { if (address) window.location.assign(address); };
const press = (query) => document.querySelector(query)?.click();

// The record type of the page: its list and its forms.
function doctype() {
  const [, kind, name] = window.location.pathname.split("/");
  return ["list", "form", "tree"].includes(kind) && name;
}

const newAddress = () => document.querySelector("[data-new]")?.dataset.new || document.querySelector(`main a[href="/form/${doctype()}/new"]`)?.getAttribute("href");

const SINGLE = {
  "?": () => palette().then(({ openKeys }) => openKeys()),
  "/": () => (document.querySelector("[data-list-search]") || document.querySelector("[data-search]"))?.focus(),
  h: () => go("/"),
  i: () => go("/inbox"),
  n: () => go(newAddress()),
  p: () => press('.record-actions a[href^="/print/"]'),
  e: () => document.querySelector("#record .field :is(input:not([type=hidden], [readonly]), textarea, select)")?.focus(),
  l: () => go(listOf()),
  j: () => neighbour(1).then(go),
  k: () => neighbour(-1).then(go),
};

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const held = event.ctrlKey || event.metaKey;
  if (held && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (document.querySelector("dialog[open], [popover]:popover-open")) return;
  if (event.altKey && !held && (event.key === "PageDown" || event.key === "PageUp")) {
    event.preventDefault();
    neighbour(event.key === "PageDown" ? 1 : -1).then(go);
    return;
  }
  if (held || event.altKey || event.target.closest?.(TYPING) || !areSingleKeysOn()) return;
  const act = SINGLE[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

if (window.parent === window) document.addEventListener("keydown", onKey); // a page within another leaves them to that one
document.addEventListener("click", (event) => {
  if (!event.target.closest(".bar-palette") || event.ctrlKey || event.metaKey) return;
  event.preventDefault(); // without scripts the link leads to the page of the search
  openPalette();
});
document.querySelector(".bar-palette")?.addEventListener("keydown", (event) => {
  if (event.key !== " ") return;
  event.preventDefault();
  event.target.click();
});
