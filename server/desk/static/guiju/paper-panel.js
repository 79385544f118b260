// Pages beside the form, as pictures, so that no viewer of the browser is needed: of a print (print-beside.js), of an attached PDF
// (file-beside.js). One at a time; Escape closes it.
export const make = (tag, properties, ...parts) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...parts);
  return element;
};

export class PaperPanel {
  // `tools` stand before the button that opens the whole document; `closed` is told when it is closed.
  constructor({ texts, title, tools, whole, closed }) {
    Object.assign(this, { texts, closed });
    document.querySelector(".paper-beside")?.panel.close();
    const open = make("button", { type: "button", className: "button small", textContent: texts.paper_open });
    open.addEventListener("click", whole);
    this.away = make("button", { type: "button", className: "icon-button", textContent: "✕", ariaLabel: texts.paper_close });
    this.away.addEventListener("click", () => this.close());
    this.note = make("p", { className: "hint" });
    this.note.setAttribute("role", "status");
    this.pages = make("div", { className: "paper-pages", tabIndex: 0, ariaLabel: title });
    this.pages.setAttribute("role", "region");
    this.element = make("aside", { className: "paper-beside", ariaLabel: title, panel: this }, make("div", { className: "paper-tools" }, ...tools, open, this.away), this.note, this.pages);
    this.element.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    document.body.append(this.element);
    document.body.classList.add("has-paper");
  }

  // The pages at an address that answers {count, pages}; `said` stands after their number.
  async look(address, said) {
    const { texts } = this;
    this.note.textContent = texts.paper_waiting;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    const found = (await answer?.json().catch(() => null)) || {};
    if (!answer?.ok) {
      this.pages.replaceChildren();
      this.note.textContent = texts.paper_failed.replace("{reason}", found.message || texts.no_connection);
      return;
    }
    this.pages.replaceChildren(...found.pages.map((picture, index) => make("img", { src: picture, alt: texts.paper_page.replace("{number}", index + 1) })));
    const cut = found.count > found.pages.length && texts.paper_first.replace("{number}", found.pages.length);
    this.note.textContent = found.count ? [texts.paper_pages.replace("{number}", found.count), cut, said()].filter(Boolean).join(" · ") : texts.paper_none;
  }

  close() {
    document.body.classList.remove("has-paper");
    this.element.remove();
    this.closed();
  }
}
