// The paper beside the design: pages as pictures, drawn by the engine that prints; or the cells of an Excel file.
import { button, choice, make } from "./builder-parts.js";
import { recordPicker } from "./rule-picker.js";

export class PrintPreview {
  constructor(page, element) {
    Object.assign(this, { page, words: page.words, record: "", language: page.language });
    this.tools = make("div", { className: "print-preview-tools" });
    this.note = make("p", { className: "print-note", role: "status" });
    this.paper = make("div", { className: "print-paper", tabIndex: 0, role: "region", aria: { label: this.words.preview } });
    element.append(this.tools, this.note, this.paper);
    this.drawTools();
  }

  // Another DocType, another list of records.
  drawTools() {
    const { words, page } = this;
    const doctype = page.doc.raw.doc_type;
    const label = words.record;
    const languages = choice("", this.language, [["zh", "中文"], ["en", "English"]], (value) => { this.language = value; page.look(); });
    languages.setAttribute("aria-label", words.preview);
    const whole = button(page.doc.raw.workbook !== undefined ? words.whole_workbook : words.whole, () => this.open());
    const records = doctype ? [recordPicker({ doctype, label, value: this.record, placeholder: `${label}: ${words.newest}`, words, chosen: (value) => { this.record = value; page.look(); } })] : [];
    this.tools.replaceChildren(...records, languages, whole);
  }

  changeDoctype() {
    this.record = "";
    this.drawTools();
  }

  get asked() { return { record: this.record, language: this.language }; }

  show(seen) {
    const { words } = this;
    if (seen.sheets) {
      this.paper.replaceChildren(...seen.sheets.map(([title, rows]) => make("div", { className: "print-sheet" }, make("h3", { textContent: title }), make("table", {}, make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", { textContent: cell })))))))));
    } else if (seen.pages) {
      this.paper.replaceChildren(...seen.pages.map((picture, index) => make("img", { className: "print-page", src: picture, alt: words.page.replace("{number}", index + 1) })));
    }
    const isStale = !seen.pages && !seen.sheets && this.paper.childElementCount > 0;
    this.paper.classList.toggle("is-stale", isStale);
    this.note.textContent = seen.note || (isStale ? words.stale : seen.pages || seen.sheets ? [seen.pages && words.pages.replace("{number}", seen.count), seen.said].filter(Boolean).join(" · ") : this.paper.childElementCount ? "" : words.waiting);
    this.note.classList.toggle("text-danger", Boolean(seen.note));
  }

  // The whole file, in a page of its own.
  open() {
    const fields = { csrf_token: this.page.csrf, format: JSON.stringify(this.page.doc.raw), name: this.page.name || "", ...this.asked };
    const inputs = Object.entries(fields).map(([name, value]) => make("input", { type: "hidden", name, value }));
    const form = make("form", { method: "post", action: "/admin/formats/paper", target: "_blank", hidden: true }, ...inputs);
    document.body.append(form);
    form.submit();
    form.remove();
  }
}
