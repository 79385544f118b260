// The tabs beside the blocks: the template as HTML, and the Excel file that is filled in. A format has one of the three.
import { button, make } from "./builder-parts.js";

export class PrintBodies {
  constructor(page, html, workbook) { Object.assign(this, { page, words: page.words, html, workbook, written: "" }); }

  draw() {
    this.drawHtml();
    this.drawWorkbook();
  }

  drawHtml() {
    const { page, words } = this;
    const { raw } = page.doc;
    const isOwn = raw.html !== undefined;
    if (isOwn && this.area?.isConnected && !this.area.readOnly && this.area.value === raw.html) return; // one is writing in it
    this.area = make("textarea", { className: "form-control code print-html", id: "print-html", rows: 26, spellcheck: false, readOnly: !isOwn, value: isOwn ? raw.html : this.written });
    this.area.addEventListener("input", () => { raw.html = this.area.value; page.touch(); });
    const parts = [make("label", { htmlFor: "print-html", textContent: isOwn ? words.html_own : words.html_written }), this.area];
    if (raw.workbook !== undefined) parts.splice(0, 2, make("p", { className: "text-muted", textContent: words.is_workbook }));
    else if (isOwn) parts.push(button(words.to_blocks, () => page.become({ blocks: [{ kind: "html", html: raw.html || " " }] }, "blocks")));
    else parts.push(button(words.to_html, () => page.become({ html: this.written }, "html")));
    this.html.replaceChildren(...parts);
  }

  // The template that the server wrote from the blocks.
  setWritten(html) {
    this.written = html;
    if (this.page.doc.raw.blocks !== undefined && this.area) this.area.value = html;
  }

  // A fault names a line of the template.
  showLine(line) {
    const before = this.area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = this.area.value.indexOf("\n", before);
    this.area.focus();
    this.area.setSelectionRange(before, end < 0 ? this.area.value.length : end);
  }

  drawWorkbook() {
    const { page, words } = this;
    const { raw } = page.doc;
    const has = raw.workbook !== undefined;
    const input = make("input", { type: "file", accept: ".xlsx", className: "form-control-file", ariaLabel: words.workbook_choose });
    input.addEventListener("change", async () => {
      if (!input.files[0]) return;
      const bytes = new Uint8Array(await input.files[0].arrayBuffer());
      let text = "";
      for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
      page.become({ workbook: btoa(text) }, "workbook");
    });
    const parts = [make("p", { textContent: words.workbook_help }), make("label", { className: "rule-label", textContent: words.workbook_choose }), input,
      make("p", { className: "text-muted", textContent: has ? words.workbook_there.replace("{number}", Math.ceil((raw.workbook.length * 0.75) / 1024)) : words.workbook_none })];
    if (has) {
      const get = make("a", { className: "btn btn-light btn-sm", textContent: words.workbook_get, download: `${raw.name || "template"}.xlsx`, href: URL.createObjectURL(new Blob([Uint8Array.from(atob(raw.workbook), (sign) => sign.charCodeAt(0))])) });
      parts.push(get, " ", button(words.workbook_drop, () => page.become({ blocks: structuredClone(page.suggested) }, "blocks")));
    }
    this.workbook.replaceChildren(...parts);
  }
}
