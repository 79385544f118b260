// The command palette: anything one may go to or do, by a few letters. Entries come from the server once a page, records from the
// search, actions from the page itself. Up and down choose, Enter goes, Ctrl+Enter opens another tab.
import { areSingleKeysOn, turnSingleKeys } from "./single-keys.js";

const EACH = 6; // of a group, until more letters are typed
const ACTIONS = ".record-actions :is(button[name=_action], a), .page-head a.button, .page-actions :is(a, button.button), main .pager a[rel=next]";

let offered = null; // what the server offers; asked for once

// Without network: what it offered this tab before, else a word that there is none.
async function offers() {
  if (offered) return offered;
  const kept = `guiju-palette-${document.body.dataset.user}-${document.documentElement.lang}`;
  const answer = await fetch("/palette", { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.redirected) { window.location.assign("/"); return null; }
  if (answer?.ok) {
    offered = await answer.json();
    sessionStorage.setItem(kept, JSON.stringify(offered));
  } else if (sessionStorage.getItem(kept)) return JSON.parse(sessionStorage.getItem(kept));
  else tell(document.querySelector(".bar-palette").dataset.away);
  return offered;
}

function tell(text) {
  const line = make("div", { className: "toast", textContent: text });
  line.setAttribute("role", "status");
  document.body.append(line);
  setTimeout(() => line.remove(), 4000);
}

const make = (tag, properties = {}, ...parts) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...parts);
  return element;
};

// What the page offers by its own buttons, in their words.
function actionsHere() {
  const isShown = (element) => !element.disabled && (element.checkVisibility?.() ?? true) || element.closest(".menu-list");
  const inMenu = (element) => Number(Boolean(element.closest(".menu-list"))); // what stands open comes first
  return [...document.querySelectorAll(ACTIONS)].filter(isShown).sort((one, other) => inMenu(one) - inMenu(other)).map((element) => ({
    title: element.textContent.trim() || element.getAttribute("aria-label"), note: menuOf(element), also: "", act: () => element.click(),
  })).filter((item) => item.title);
}

function menuOf(element) {
  const summary = element.closest(".menu-list")?.closest("details")?.querySelector("summary");
  return (summary?.getAttribute("aria-label") || summary?.textContent || "").replace("▾", "").trim();
}

// Whether a word is the pinyin of an entry: its initials (`fwgd`, or from the second letter typed a part of them), or whole syllables
// and the beginning of one (`gongdan`, `fuwug`).
function sounds({ initials = "", spelt = "" }, word) {
  if (initials.split(" ").some((one) => one.startsWith(word) || (word.length > 1 && one.includes(word)))) return true;
  return spelt.split(" | ").some((text) => {
    const syllables = text.split(" ");
    return syllables.some((_, from) => syllables.slice(from).join("").startsWith(word));
  });
}

// Fill the dialog that keys.js has opened; whether there was anything to fill it with.
export async function fillPalette(dialog) {
  const actions = actionsHere();
  const found = await offers();
  if (found && dialog.open) new Palette(dialog, found, actions);
  return Boolean(found);
}

class Palette {
  constructor(dialog, { groups, says }, actions) {
    this.dialog = dialog;
    this.says = says;
    this.groups = [...(actions.length ? [{ title: says.here, items: actions }] : []), ...groups];
    this.records = [];
    this.asked = 0;
    this.input = dialog.querySelector("input");
    Object.assign(this.input, { placeholder: says.hint, ariaLabel: says.title });
    for (const [name, value] of [["role", "combobox"], ["aria-expanded", "true"], ["aria-controls", "palette-list"], ["aria-autocomplete", "list"]]) this.input.setAttribute(name, value);
    this.list = make("div", { id: "palette-list", className: "palette-list", ariaLabel: says.title });
    this.list.setAttribute("role", "listbox");
    const close = make("button", { type: "button", className: "icon-button", textContent: "✕", ariaLabel: says.close });
    dialog.ariaLabel = says.title;
    this.input.after(close);
    dialog.append(this.list);
    close.addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    this.input.addEventListener("input", () => this.onInput());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    if (this.input.value) this.onInput();
    else this.draw();
  }

  get words() { return this.input.value.trim().toLowerCase().split(/\s+/).filter(Boolean); }

  onInput() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), 160);
    this.draw();
  }

  async search() {
    const text = this.input.value.trim();
    const number = ++this.asked;
    if (!text) { this.records = []; this.draw(); return; }
    const answer = await fetch(`/search?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (number !== this.asked || !answer?.ok || answer.redirected) return;
    const { found, more } = await answer.json();
    this.records = found.map((item) => ({ title: item.title, note: `${item.doctype}${item.title === item.name ? "" : ` ${item.name}`}`, url: item.url }));
    if (more) this.records.push({ title: more.title, note: "", url: more.url });
    this.draw();
  }

  matching({ items }) {
    const { words } = this;
    const reads = (item, word) => `${item.title} ${item.note} ${item.also}`.toLowerCase().includes(word);
    const fits = items.filter((item) => words.every((word) => reads(item, word) || sounds(item, word)));
    const place = (item) => (!words[0] || item.title.toLowerCase().startsWith(words[0]) ? 0 : reads(item, words[0]) ? 1 : 2);
    return fits.sort((one, other) => place(one) - place(other)).slice(0, EACH);
  }

  draw() {
    const groups = [...this.groups.map((group) => ({ title: group.title, items: this.matching(group) })), { title: this.says.found, items: this.records }].filter(({ items }) => items.length);
    if (this.words.length) groups.sort((one, other) => (other.title === this.says.here) - (one.title === this.says.here));
    this.items = groups.flatMap(({ items }) => items);
    this.active = this.items.length ? Math.min(Math.max(this.active || 0, 0), this.items.length - 1) : -1;
    let index = 0;
    const lines = groups.flatMap(({ title, items }) => {
      const group = make("div", { className: "palette-group", ariaLabel: title }, make("p", { textContent: title, ariaHidden: "true" }), ...items.map((item) => this.line(item, index++)));
      group.setAttribute("role", "group");
      return group;
    });
    this.list.replaceChildren(...(lines.length ? lines : [make("p", { className: "muted palette-none", textContent: this.says.nothing })]));
    this.point();
  }

  line(item, index) {
    const line = make("div", { id: `palette-${index}`, className: "palette-line" }, make("span", { textContent: item.title }), make("small", { textContent: item.note || "" }));
    line.setAttribute("role", "option");
    line.addEventListener("click", (event) => this.take(index, event.ctrlKey || event.metaKey));
    line.addEventListener("pointermove", () => { if (this.active !== index) { this.active = index; this.point(false); } });
    return line;
  }

  point(scrolls = true) {
    this.list.querySelectorAll("[role=option]").forEach((line, index) => line.setAttribute("aria-selected", String(index === this.active)));
    this.input.setAttribute("aria-activedescendant", this.active >= 0 ? `palette-${this.active}` : "");
    if (scrolls) this.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: EACH, PageUp: -EACH }[event.key];
    if (step && this.items.length) {
      event.preventDefault();
      const to = this.active + step;
      this.active = Math.abs(step) === 1 ? (to + this.items.length) % this.items.length : Math.max(0, Math.min(to, this.items.length - 1));
      this.point();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.take(this.active, event.ctrlKey || event.metaKey);
    }
  }

  take(index, inNewTab) {
    const item = this.items[index];
    if (!item) return;
    this.dialog.close();
    if (item.act) item.act();
    else if (inNewTab) window.open(item.url, "_blank", "noopener");
    else window.location.assign(item.url);
  }
}

// The list of keys, in groups, with the switch for single ones.
export async function openKeys() {
  const found = await offers();
  if (!found || document.querySelector("dialog[open]")) return;
  const { keys, says } = found;
  const title = make("h2", { id: "keys-title", textContent: says.keys });
  const dialog = make("dialog", { className: "dialog keys-dialog" }, title);
  dialog.setAttribute("aria-labelledby", title.id);
  const groups = keys.map((group) => make("section", {}, make("h3", { textContent: group.title }), make("dl", {}, ...group.keys.flatMap(([key, text]) => [make("dt", {}, ...key.split(" / ").map((one) => make("kbd", { textContent: one }))), make("dd", { textContent: text })]))));
  const single = make("input", { type: "checkbox", checked: areSingleKeysOn() });
  single.addEventListener("change", () => turnSingleKeys(single.checked));
  const close = make("button", { type: "button", className: "button primary", textContent: says.close });
  close.addEventListener("click", () => dialog.close());
  dialog.append(make("div", { className: "keys-groups" }, ...groups), make("label", { className: "check" }, single, make("span", { textContent: says.single })), make("div", { className: "dialog-actions" }, close));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
