// The paper beside the form: the pages as they will print. It stays open over saving, and shows what was saved.
import { make, PaperPanel } from "./paper-panel.js";

const OPEN = "guiju-paper"; // this tab looks at the paper beside its records

export function setUpPaper(form) {
  const button = document.querySelector("[data-paper]");
  if (!button) return;
  button.addEventListener("click", () => {
    button.closest("details").open = false;
    open(form, button);
  });
  if (sessionStorage.getItem(OPEN) && window.innerWidth > 1180) open(form, button);
}

function open(form, button) {
  const { texts } = form;
  const links = [...button.closest(".menu-list").querySelectorAll('a[href^="/print/"]')];
  const format = make("select", { ariaLabel: texts.paper_format }, ...links.map((link, index) => new Option(link.textContent.trim(), index)));
  format.value = sessionStorage.getItem(OPEN) in links ? sessionStorage.getItem(OPEN) : 0;
  const closed = () => {
    sessionStorage.removeItem(OPEN);
    button.closest("details").querySelector("summary").focus();
  };
  const panel = new PaperPanel({ texts, title: texts.paper_title, tools: [format], whole: () => links[format.value].click(), closed });
  const look = () => {
    sessionStorage.setItem(OPEN, format.value);
    panel.look(links[format.value].getAttribute("href").replace(/^\/print\//, "/print-pages/"), () => form.dirty && texts.paper_saved);
  };
  format.addEventListener("change", look);
  look();
}
