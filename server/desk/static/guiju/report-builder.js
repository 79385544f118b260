// The report builder: the page works into the JSON of the report itself, asks the server after every change and saves it.
import { drawCanvas } from "/static/guiju/report-canvas.js";
import { drawPalette } from "/static/guiju/report-palette.js";

const form = document.querySelector("[data-report-builder]");
const page = JSON.parse(document.getElementById("rb-data").textContent);
const text = form.elements.content;
const said = form.querySelector("[data-said]");
const preview = document.querySelector("[data-preview]");

// The drawing: `raw` is the report; `groups` are the fields that it may be made of.
const drawing = {
  raw: {}, groups: [], page, words: page.words,
  say(words) { said.textContent = words; },
  changed(redraw = true) {
    text.value = JSON.stringify(this.raw, null, 1);
    if (redraw) this.draw();
    look();
  },
  draw() {
    drawPalette(this, form.querySelector("[data-palette]"));
    drawCanvas(this, form.querySelector("[data-canvas]"));
  },
  async choose(doctype) {
    this.groups = [];
    if (doctype) {
      const answer = await fetch(`/reports/fields/${encodeURIComponent(doctype)}`, { headers: { Accept: "application/json" } }).catch(() => null);
      if (answer?.ok) this.groups = await answer.json();
    }
    this.draw();
  },
  field(path) {
    for (const group of this.groups) for (const field of group.fields) if (field.path === path) return { ...field, group };
    return null;
  },
};

let waiting = 0, asked = 0;
function look() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    if (!drawing.raw.ref_doctype || !drawing.raw.columns?.length) { preview.replaceChildren(); return; }
    const mine = ++asked;
    const body = new URLSearchParams({ csrf_token: page.csrf, content: JSON.stringify(drawing.raw) });
    const answer = await fetch("/reports/preview", { method: "POST", body }).catch(() => null);
    if (mine !== asked) return;
    if (!answer?.ok) { drawing.say(page.words.offline); return; }
    preview.innerHTML = await answer.text();
  }, 350);
}

function show(tab) {
  for (const button of form.querySelectorAll("[data-tab]")) button.setAttribute("aria-selected", String(button.dataset.tab === tab));
  for (const panel of form.querySelectorAll("[data-panel]")) panel.hidden = panel.dataset.panel !== tab;
}

function read() {
  try {
    const found = JSON.parse(text.value);
    if (!found || typeof found !== "object" || Array.isArray(found)) throw new Error("{}");
    const other = found.ref_doctype !== drawing.raw.ref_doctype;
    drawing.raw = found;
    drawing.say("");
    return other;
  } catch (error) {
    drawing.say(`${page.words.json_bad} (${error.message})`);
    return null;
  }
}

form.querySelector("[data-tabs]").hidden = false;
form.querySelector("[data-tabs]").addEventListener("click", (event) => { if (event.target.dataset.tab) show(event.target.dataset.tab); });
form.querySelector("[data-tabs]").addEventListener("keydown", (event) => {
  if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const tabs = [...form.querySelectorAll("[data-tab]")];
  const next = tabs[(tabs.indexOf(event.target) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
  next.focus();
  show(next.dataset.tab);
});
text.addEventListener("change", async () => {
  const other = read();
  if (other === null) return;
  if (other) await drawing.choose(drawing.raw.ref_doctype); else drawing.draw();
  look();
});

form.addEventListener("submit", async (event) => {
  const publish = event.submitter?.hasAttribute("data-publish");
  if (publish) { // the page for metadata shows the plan before it publishes
    event.submitter.form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "json", value: JSON.stringify({ ...drawing.raw, name: drawing.raw.name || "" }, null, 1) }));
    return;
  }
  event.preventDefault();
  const answer = await fetch("/reports/save", { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  const found = answer ? await answer.json().catch(() => null) : null;
  if (!found) drawing.say(page.words.offline);
  else if (found.faults) {
    if (found.version) form.elements.version.value = found.version; // saved over it when it is asked again
    drawing.say(`${page.words.failed}: ${found.faults.join(" ")}`);
  }
  else location.assign(found.url);
});

const publish = form.querySelector("[data-publish]");
if (publish) publish.hidden = false;
read();
show("build");
await drawing.choose(drawing.raw.ref_doctype);
look();
