// A PDF that is attached to the record, looked at beside the form; with Ctrl, or the button above it, the file itself opens as before.
import { make, PaperPanel } from "./paper-panel.js";
import { fileName } from "./form-values.js";

const PDF = /^\/files\/([^/]+)\/[^?]*\.pdf$/i;

export function setUpFilesBeside({ texts }) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/files/']");
    const id = link?.getAttribute("href").match(PDF)?.[1];
    if (!id || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const name = fileName(link.getAttribute("href"));
    const panel = new PaperPanel({
      texts, title: name, tools: [make("strong", { className: "paper-name", textContent: name, title: name })],
      whole: () => window.open(link.href, "_blank", "noopener"), closed: () => link.focus(),
    });
    panel.look(`/file-pages/${id}`, () => "");
    panel.away.focus();
  });
}
