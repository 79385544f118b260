// A box that is typed into and offers what fits: fields of a record, records of a kind. Arrow keys, Enter, Escape.
import { make } from "./builder-parts.js";

const MOST = 60;
let made = 0;

// `options()` gives [{value, title, detail, group}]; `search(text)` asks the server instead. `chosen(value, option)` hears the choice.
// With `free`, what is typed is taken even where nothing fits.
export function picker({ label, value, options = null, search = null, chosen, words, placeholder = "", free = false, title = null }) {
  const id = `rp-${++made}`;
  const input = make("input", { className: "form-control form-control-sm", placeholder, autocomplete: "off", spellcheck: false, role: "combobox", aria: { label, expanded: "false", controls: id, autocomplete: "list" } });
  const list = make("ul", { className: "rule-options", id, role: "listbox", hidden: true });
  const box = make("div", { className: "rule-picker" }, input, list);
  let current = value ?? "";
  let found = [];
  let active = -1;
  let asked = 0;
  let told = "";

  const shown = () => (current === "" ? "" : title ?? options?.().find((option) => option.value === current)?.title ?? String(current));
  const show = () => { input.value = shown(); input.title = String(current || ""); };
  const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };

  function choose(option) {
    current = option ? option.value : "";
    title = option?.title ?? null;
    close();
    show();
    chosen(current, option);
  }

  function mark() {
    [...list.querySelectorAll("[role=option]")].forEach((line, index) => line.setAttribute("aria-selected", String(index === active)));
    const line = list.querySelector("[aria-selected=true]");
    input.setAttribute("aria-activedescendant", line?.id || "");
    line?.scrollIntoView({ block: "nearest" });
  }

  function draw() {
    const lines = [];
    let group = null;
    found.forEach((option, index) => {
      if (option.group && option.group !== group) lines.push(make("li", { className: "rule-options-group", role: "presentation", textContent: option.group }));
      group = option.group;
      const line = make("li", { id: `${id}-${index}`, role: "option" }, make("span", { textContent: option.title }), option.detail ? make("small", { textContent: option.detail }) : null);
      line.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      lines.push(line);
    });
    if (!found.length) lines.push(make("li", { className: "rule-options-group", textContent: told || words.none_found }));
    list.replaceChildren(...lines);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const room = window.innerHeight - input.getBoundingClientRect().bottom;
    list.classList.toggle("is-above", room < 220 && input.getBoundingClientRect().top > room);
    mark();
  }

  async function offer(text) {
    const number = ++asked;
    if (search) {
      const answer = await search(text);
      if (number !== asked || document.activeElement !== input) return;
      found = answer.found;
      told = answer.told;
    } else {
      const wanted = text.trim().toLowerCase();
      const fits = (option) => `${option.title} ${option.value} ${option.group || ""}`.toLowerCase();
      found = options().filter((option) => !wanted || wanted.split(/\s+/).every((word) => fits(option).includes(word))).slice(0, MOST);
    }
    active = text.trim() ? 0 : found.findIndex((option) => option.value === current);
    draw();
  }

  input.addEventListener("input", (event) => { event.stopPropagation(); offer(input.value); });
  input.addEventListener("click", () => { if (list.hidden) { input.select(); offer(""); } });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.altKey) return;
      event.preventDefault();
      if (list.hidden) { offer(""); return; }
      active = found.length ? (active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length : -1;
      mark();
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      if (found[active]) choose(found[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
      show();
    }
  });
  input.addEventListener("blur", () => {
    asked += 1;
    close();
    const typed = input.value.trim();
    if (typed === shown()) return;
    const exact = found.find((option) => option.title === typed || option.value === typed);
    if (exact) choose(exact);
    else if (!typed) choose(null);
    else if (free) choose({ value: typed, title: typed });
    else show();
  });
  show();
  return box;
}

// Records of a DocType, as link fields offer them.
export function recordPicker({ doctype, ...more }) {
  const search = async (text) => {
    const answer = await fetch(`/link/${encodeURIComponent(doctype)}?${new URLSearchParams({ q: text })}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return { found: [], told: answer?.status === 403 ? more.words.may_not_read : more.words.not_reached };
    const found = (await answer.json()).choices.map((choice) => ({ value: choice.value, title: choice.title, detail: choice.title === choice.value ? choice.description : `${choice.value} ${choice.description}` }));
    return { found, told: "" };
  };
  return picker({ search, ...more });
}

// Several values as chips, each taken away by its button.
export function chips({ label, values, titleOf, add, changed, words }) {
  const box = make("div", { className: "rule-chips", role: "group", aria: { label } });
  const draw = (focus = false) => {
    box.replaceChildren(...values.map((value, index) => {
      const drop = make("button", { type: "button", className: "rule-chip-drop", textContent: "✕", title: words.remove, aria: { label: `${words.remove} ${titleOf(value)}` } });
      drop.addEventListener("click", () => { values.splice(index, 1); draw(true); changed(); });
      return make("span", { className: "rule-chip" }, make("span", { textContent: titleOf(value) }), drop);
    }), add((value) => {
      if (value === "" || values.includes(value)) { draw(true); return; }
      values.push(value);
      draw(true);
      changed();
    }));
    if (focus) box.lastElementChild.querySelector("input, select")?.focus();
  };
  draw();
  return box;
}
