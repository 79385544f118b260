// Link fields: search as you type, choose by keyboard or pointer, make a new record, fetch values through the link.
// The input shows the title of the linked record; its number is kept by whoever owns the field (`value`, `put`).

import { makeRecord } from "./form-quick.js";

// The main fields of the form; a hidden twin of the input carries the number to the server.
export function setUpLinks(form) {
  for (const box of form.element.querySelectorAll(".field > .link-input")) {
    const input = box.querySelector("input");
    const own = input.name;
    box.append(Object.assign(document.createElement("input"), { type: "hidden", name: own, value: input.value }));
    input.removeAttribute("name");
    input.value = input.dataset.title || input.value;
    new Link(form, box, {
      field: form.fields.get(own),
      fetched: [...form.fields.values()].filter((field) => (field.fetch_from || "").startsWith(`${own}.`)),
      value: () => form.record[own],
      put: (fieldname, value) => form.set(fieldname, value),
    });
  }
}

export class Link {
  // `floats`: the list leaves the scrolling table that the input stands in. `done` runs after values were fetched.
  // `owner`: the DocType and the row that the field stands in, where that is a child table.
  constructor(form, box, { field, fetched, value, put, done = () => {}, floats = false, owner = null }) {
    Object.assign(this, { form, box, field, fetched, value, put, done, floats, owner });
    this.input = box.querySelector("input");
    this.list = box.querySelector(".choices");
    this.found = [];
    this.active = -1;
    this.asked = 0;
    this.awaited = false; // something is typed that no list was shown for yet
    this.taking = false; // Enter came before its list
    this.input.addEventListener("input", (event) => this.onInput(event));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => { if (this.list.hidden) this.search(""); });
    this.input.addEventListener("blur", () => this.onBlur());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
  }

  // The DocType linked to; a dynamic link names the field that holds it.
  get target() {
    return this.field.widget === "dynamic-link" ? (this.owner ? this.owner.row : this.form.record)[this.field.options] : this.field.options;
  }

  get title() {
    const value = this.value();
    return value ? this.form.titles.get(`${this.target}/${value}`) || String(value) : "";
  }

  onInput(event) {
    event.stopPropagation();
    this.form.markDirty();
    clearTimeout(this.timer);
    Object.assign(this, { awaited: true, taking: false });
    this.timer = setTimeout(() => this.search(this.input.value), 150);
  }

  async search(text) {
    const number = ++this.asked;
    const asked = new URLSearchParams({ q: text, ...(this.field.filtered ? this.form.filtersOf(this) : {}) });
    if (!this.target) return; // nobody has said yet what is linked to
    const address = `/link/${encodeURIComponent(this.target)}?${asked}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.status === 401 && (await this.form.signIn())) {
      this.input.focus();
      this.search(text);
      return;
    }
    if (number !== this.asked || !answer?.ok || document.activeElement !== this.input) return;
    const { choices, may_create: mayCreate } = await answer.json();
    this.found = choices;
    this.mayCreate = mayCreate;
    const value = this.value();
    this.active = text ? 0 : this.found.findIndex((choice) => choice.value === value);
    if (this.active >= this.found.length) this.active = -1;
    const sure = this.taking && this.sure(text);
    Object.assign(this, { awaited: false, taking: false });
    if (sure) this.choose(sure);
    else this.draw();
  }

  // What somebody means who pressed Enter before seeing what there is: the only one found, or the one of exactly this name.
  sure(text) {
    const typed = text.trim();
    return this.found.length === 1 ? this.found[0] : this.found.find((choice) => choice.title === typed || choice.value === typed);
  }

  // Enter while the list is still coming neither takes a line of the list before nor saves the form without what is typed.
  take(event) {
    event.preventDefault();
    event.stopPropagation();
    clearTimeout(this.timer);
    this.taking = true;
    this.search(this.input.value);
  }

  draw() {
    const lines = this.found.map((choice, index) => this.line(choice, index));
    if (!lines.length) lines.push(Object.assign(document.createElement("li"), { className: "muted", textContent: this.form.texts.nothing_found }));
    if (this.mayCreate) lines.push(this.fresh());
    this.list.replaceChildren(...lines);
    this.list.hidden = false;
    if (this.floats) this.place();
    this.input.setAttribute("aria-expanded", "true");
    this.input.setAttribute("aria-activedescendant", this.active >= 0 ? `${this.list.id}-${this.active}` : "");
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
  }

  line(choice, index) {
    const line = Object.assign(document.createElement("li"), { id: `${this.list.id}-${index}` });
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(index === this.active));
    line.append(Object.assign(document.createElement("span"), { textContent: choice.title }));
    const rest = new Set([choice.value, ...choice.description.split(" · ")]);
    rest.delete(choice.title);
    rest.delete("");
    if (rest.size) line.append(Object.assign(document.createElement("small"), { textContent: [...rest].join(" · ") }));
    line.addEventListener("pointerdown", (event) => { event.preventDefault(); this.choose(choice); });
    return line;
  }

  fresh() {
    const line = Object.assign(document.createElement("li"), { className: "choices-new" });
    const link = Object.assign(document.createElement("a"), {
      href: `/form/${encodeURIComponent(this.target)}/new`, target: "_blank", rel: "noopener", textContent: `＋ ${this.form.texts.new_record}`, tabIndex: -1,
    });
    line.addEventListener("pointerdown", (event) => event.preventDefault());
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || this.form.quick) return; // a page of its own
      event.preventDefault();
      this.makeNew(link.textContent);
    });
    line.append(link);
    return line;
  }

  // Made without leaving the form, and chosen.
  async makeNew(label) {
    const typed = this.input.value === this.title ? "" : this.input.value.trim();
    clearTimeout(this.timer);
    this.close();
    const choice = await makeRecord(this.target, typed, label);
    if (choice) await this.choose(choice);
    this.input.focus();
  }

  place() {
    const at = this.input.getBoundingClientRect();
    const width = Math.min(Math.max(at.width, 300), window.innerWidth - 16);
    const below = window.innerHeight - at.bottom > 200 || at.top < 200;
    Object.assign(this.list.style, {
      position: "fixed", width: `${width}px`, left: `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`, right: "auto",
      top: below ? `${at.bottom + 2}px` : "auto", bottom: below ? "auto" : `${window.innerHeight - at.top + 2}px`,
      maxHeight: `${Math.min(320, (below ? window.innerHeight - at.bottom : at.top) - 12)}px`,
    });
    document.addEventListener("scroll", (event) => { if (event.target !== this.list) this.close(); }, { capture: true, once: true });
  }

  close() {
    this.asked += 1;
    Object.assign(this, { awaited: false, taking: false });
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  // The linked record, on a page of its own: what is typed here stays.
  open() {
    const opener = this.box.querySelector(".link-open");
    if (opener && !opener.hidden) window.open(opener.href, "_blank", "noopener");
  }

  async choose(choice) {
    clearTimeout(this.timer);
    this.close();
    if (choice) this.form.titles.set(`${this.target}/${choice.value}`, choice.title);
    this.input.value = choice ? choice.title : "";
    this.put(this.field.fieldname, choice ? choice.value : null);
    this.form.changed();
    await this.fetchThrough(choice?.value);
    this.done();
    this.form.changed();
  }

  async fetchThrough(value) {
    if (!this.fetched.length) return;
    let found = { values: {}, titles: [] };
    if (value) {
      const names = this.fetched.map((field) => field.fetch_from.split(".")[1]).join(",");
      const address = `/link/${encodeURIComponent(this.target)}/${encodeURIComponent(value)}?fields=${names}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
      if (answer?.ok) found = await answer.json();
    }
    for (const [doctype, name, title] of found.titles) this.form.titles.set(`${doctype}/${name}`, title);
    for (const field of this.fetched) this.put(field.fieldname, found.values[field.fetch_from.split(".")[1]] || null);
  }

  onBlur() {
    clearTimeout(this.timer);
    this.close();
    const typed = this.input.value.trim();
    if (typed === this.title) return;
    if (!typed) { this.choose(null); return; }
    const exact = this.found.find((choice) => choice.title === typed || choice.value === typed);
    if (exact) { this.choose(exact); return; }
    // What was typed is kept and sent as it stands: the server then says that there is no such record.
    this.put(this.field.fieldname, typed);
    this.form.changed();
  }

  onKey(event) {
    if (event.isComposing) return; // an input method is still choosing characters
    if (event.key === "Enter" && event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      this.open();
      return;
    }
    if (event.key === "Enter" && this.awaited && this.input.value.trim() && !event.ctrlKey && !event.metaKey) {
      this.take(event);
      return;
    }
    if (this.list.hidden) {
      if (event.key === "ArrowDown" && !event.altKey) { event.preventDefault(); this.search(""); }
      return;
    }
    const count = this.found.length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (count) this.active = (Math.max(this.active, step > 0 ? -1 : 0) + step + count) % count;
      this.draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (this.active >= 0) this.choose(this.found[this.active]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.input.value = this.title;
      this.close();
    }
  }
}
