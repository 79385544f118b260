// The paper beside the form: the pages as they will print, as pictures, so that no viewer of the browser is needed. It stays open
// over saving, and shows what was saved.
const OPEN = "guiju-paper"; // this tab looks at the paper beside its records

export function setUpPaper(form) {
  const button = document.querySelector("[data-paper]");
  if (!button) return;
  button.addEventListener("click", () => {
    button.closest("details").open = false;
    new Paper(form, button).open();
  });
  if (sessionStorage.getItem(OPEN) && window.innerWidth > 1180) new Paper(form, button).open();
}

const make = (tag, properties, ...parts) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...parts);
  return element;
};

class Paper {
  constructor(form, button) {
    Object.assign(this, { form, button, texts: form.texts });
    this.links = [...button.closest(".menu-list").querySelectorAll('a[href^="/print/"]')];
  }

  open() {
    if (document.querySelector(".paper-beside")) return;
    const { texts } = this;
    this.format = make("select", { ariaLabel: texts.paper_format }, ...this.links.map((link, index) => new Option(link.textContent.trim(), index)));
    this.format.value = sessionStorage.getItem(OPEN) in this.links ? sessionStorage.getItem(OPEN) : 0;
    this.format.addEventListener("change", () => this.look());
    const whole = make("button", { type: "button", className: "button small", textContent: texts.paper_open });
    whole.addEventListener("click", () => this.links[this.format.value].click());
    const close = make("button", { type: "button", className: "icon-button", textContent: "✕", ariaLabel: texts.paper_close });
    close.addEventListener("click", () => this.close());
    this.note = make("p", { className: "hint" });
    this.note.setAttribute("role", "status");
    this.pages = make("div", { className: "paper-pages", tabIndex: 0, ariaLabel: texts.paper_title });
    this.pages.setAttribute("role", "region");
    this.panel = make("aside", { className: "paper-beside", ariaLabel: texts.paper_title }, make("div", { className: "paper-tools" }, this.format, whole, close), this.note, this.pages);
    this.panel.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    document.body.append(this.panel);
    document.body.classList.add("has-paper");
    this.look();
  }

  async look() {
    const { texts } = this;
    sessionStorage.setItem(OPEN, this.format.value);
    this.note.textContent = texts.paper_waiting;
    const address = this.links[this.format.value].getAttribute("href").replace(/^\/print\//, "/print-pages/");
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    const found = (await answer?.json().catch(() => null)) || {};
    if (!answer?.ok) {
      this.pages.replaceChildren();
      this.note.textContent = texts.paper_failed.replace("{reason}", found.message || texts.no_connection);
      return;
    }
    this.pages.replaceChildren(...found.pages.map((picture, index) => make("img", { src: picture, alt: texts.paper_page.replace("{number}", index + 1) })));
    this.note.textContent = found.count ? [texts.paper_pages.replace("{number}", found.count), this.form.dirty && texts.paper_saved].filter(Boolean).join(" · ") : texts.paper_none;
  }

  close() {
    sessionStorage.removeItem(OPEN);
    document.body.classList.remove("has-paper");
    this.panel.remove();
    this.button.closest("details").querySelector("summary").focus();
  }
}
