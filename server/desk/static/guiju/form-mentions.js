// "@" in a comment: the people who may read the record are offered; choosing one writes their login.
const BEGUN = /(?:^|[^A-Za-z0-9._-])@([^\s@]{0,40})$/u;
let lists = 0;

export function setUpMentions(input, address) {
  const list = Object.assign(document.createElement("ul"), { className: "choices mention-choices", hidden: true, id: `mentions-${++lists}` });
  list.setAttribute("role", "listbox");
  const box = Object.assign(document.createElement("div"), { className: "mention-box" });
  input.replaceWith(box);
  box.append(input, list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  new Mentions(input, list, address);
}

class Mentions {
  constructor(input, list, address) {
    Object.assign(this, { input, list, address, found: [], active: 0, asked: 0 });
    input.addEventListener("input", (event) => { event.stopPropagation(); if (!event.isComposing) this.look(); });
    input.addEventListener("compositionend", () => this.look());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
  }

  get typed() {
    return BEGUN.exec(this.input.value.slice(0, this.input.selectionStart))?.[1];
  }

  async look() {
    const { typed } = this;
    const number = ++this.asked;
    if (typed === undefined) { this.close(); return; }
    const answer = await fetch(`${this.address}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (number !== this.asked || !answer?.ok) return;
    this.found = (await answer.json()).choices;
    this.active = 0;
    this.draw();
  }

  draw() {
    if (!this.found.length) { this.close(); return; }
    this.list.replaceChildren(...this.found.map(({ value, title }, index) => {
      const line = Object.assign(document.createElement("li"), { id: `${this.list.id}-${index}`, textContent: title });
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(index === this.active));
      line.append(Object.assign(document.createElement("small"), { textContent: value }));
      line.addEventListener("pointerdown", (event) => { event.preventDefault(); this.choose(index); });
      return line;
    }));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`);
  }

  choose(index) {
    const { input, typed } = this;
    const at = input.selectionStart - typed.length;
    input.setRangeText(`${this.found[index].value} `, at, input.selectionStart, "end");
    this.close();
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  onKey(event) {
    if (this.list.hidden || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.active = (this.active + step + this.found.length) % this.found.length;
      this.draw();
    } else if (event.key === "Enter" || event.key === "Tab") this.choose(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
