// A tour of the page: a dialog that goes from one element to the next, each in a ring. Arrows go on and back, Escape ends it; what the
// page does not show is left out. Started from its offer, or by `?tour=` in the address (the menu of the account). Taken or left, the
// server remembers it for this person.
const GAP = 8; // pixels between the ring and what it points at, and to the dialog

const make = (tag, properties, ...parts) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...parts);
  return element;
};

export async function startTour(name) {
  const answer = await fetch(`/tour/${name}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const { steps, words, csrf } = await answer.json();
  const shown = steps.map((step) => ({ ...step, target: document.querySelector(step.at) })).filter(({ target }) => target?.checkVisibility());
  if (shown.length) new Tour(name, shown, words, csrf);
}

class Tour {
  constructor(name, steps, words, csrf) {
    Object.assign(this, { name, steps, words, csrf, number: 0 });
    this.title = make("h2", { id: "tour-title", tabIndex: -1 });
    this.text = make("p", { id: "tour-text" });
    this.at = make("span", { className: "muted" });
    this.back = this.button(words.back, "", () => this.go(this.number - 1));
    this.next = this.button(words.next, "primary", () => this.go(this.number + 1));
    const end = this.button("✕", "icon-button", () => this.dialog.close());
    end.ariaLabel = words.close;
    this.ring = make("div", { className: "tour-ring" });
    const card = make("div", { className: "tour-card" }, end, this.title, this.text, make("div", { className: "tour-ways" }, this.at, this.back, this.next));
    this.dialog = make("dialog", { className: "tour" }, this.ring, card);
    this.dialog.setAttribute("aria-labelledby", "tour-title");
    this.dialog.setAttribute("aria-describedby", "tour-text");
    this.card = card;
    this.before = document.activeElement;
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.dialog.addEventListener("close", () => this.end());
    this.moved = () => this.place();
    window.addEventListener("resize", this.moved);
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.go(0);
  }

  button(text, style, act) {
    const button = make("button", { type: "button", className: style === "icon-button" ? style : `button small ${style} btn btn-sm btn-${style || "secondary"}`, textContent: text });
    button.addEventListener("click", act);
    return button;
  }

  onKey(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    if (this.steps[this.number + step]) this.go(this.number + step);
  }

  go(number) {
    if (number >= this.steps.length) { this.dialog.close(); return; }
    this.number = Math.max(0, number);
    const { title, text, target } = this.steps[this.number];
    this.title.textContent = title;
    this.text.textContent = text;
    this.at.textContent = this.words.at.replace("{number}", this.number + 1).replace("{of}", this.steps.length);
    this.back.hidden = this.number === 0;
    this.next.textContent = this.number === this.steps.length - 1 ? this.words.end : this.words.next;
    target.scrollIntoView({ block: "center", behavior: "instant" });
    this.place();
    this.title.focus({ preventScroll: true });
  }

  // The ring around the element, the card where there is most room: under it, over it, else at the foot of the screen.
  place() {
    const { top, left, width, height } = this.steps[this.number].target.getBoundingClientRect();
    const [shownTop, shownBottom] = [Math.max(0, top - GAP), Math.min(window.innerHeight, top + height + GAP)];
    Object.assign(this.ring.style, { top: `${shownTop}px`, left: `${left - GAP}px`, width: `${width + 2 * GAP}px`, height: `${shownBottom - shownTop}px` });
    const { offsetHeight: high, offsetWidth: wide } = this.card;
    const under = shownBottom + GAP;
    const over = shownTop - GAP - high;
    const y = under + high < window.innerHeight ? under : over > 0 ? over : window.innerHeight - high - GAP;
    const x = Math.min(Math.max(GAP, left), window.innerWidth - wide - GAP);
    Object.assign(this.card.style, { top: `${y}px`, left: `${x}px` });
  }

  end() {
    window.removeEventListener("resize", this.moved);
    this.dialog.remove();
    this.before?.focus?.();
    remember(this.name, this.csrf);
  }
}

function remember(name, csrf) {
  document.querySelector(`[data-tour="${name}"]`)?.remove();
  return fetch(`/tour/${name}`, { method: "POST", headers: { Accept: "application/json", "X-CSRF-Token": csrf } }).catch(() => null);
}

const asked = new URLSearchParams(window.location.search).get("tour");
if (asked) startTour(asked);
for (const link of document.querySelectorAll("[data-tour] a[href*='tour=']")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    startTour(link.closest("[data-tour]").dataset.tour);
  });
}
