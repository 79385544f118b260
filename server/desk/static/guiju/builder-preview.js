// The form as staff will see it, while it is drawn: on desktop and phone, in one language or both side by side. And its print.
import { button, make } from "./builder-parts.js";

const DESKTOP_WIDTH = 1040;
const PHONE_WIDTH = 390;

export class Preview {
  constructor(drawing, element, page) {
    Object.assign(this, { drawing, element, page, words: page.words });
    this.width = "desktop";
    this.languages = [page.language];
    this.frames = make("div", { className: "builder-frames" });
    this.tools = make("div", { className: "builder-preview-tools" });
    element.replaceChildren(this.tools, this.frames);
    window.addEventListener("resize", () => this.fit());
    this.drawTools();
  }

  drawTools() {
    const one = (label, isOn, set) => button(label, () => { set(); this.drawTools(); this.show(); }, { className: `btn btn-sm ${isOn ? "btn-secondary" : "btn-light"}`, aria: { pressed: String(isOn) } });
    const widths = ["desktop", "phone"].map((width) => one(this.words[width], this.width === width, () => { this.width = width; }));
    const told = this.languages.join();
    const languages = [["zh", "中文"], ["en", "English"], ["zh,en", this.words.both_languages]].map(([codes, label]) => one(label, told === codes, () => { this.languages = codes.split(","); }));
    const paper = button(this.words.paper, () => this.post("paper", "_blank", this.languages[0]));
    this.tools.replaceChildren(make("span", { className: "btn-group" }, ...widths), make("span", { className: "btn-group" }, ...languages), paper);
  }

  // Draw anew what is shown; the old picture stays until the new one is there.
  show() {
    if (this.element.hidden) return;
    const present = new Map([...this.frames.children].map((box) => [box.dataset.language, box]));
    for (const [language, box] of present) if (!this.languages.includes(language)) box.remove();
    for (const language of this.languages) {
      const box = present.get(language) || make("div", { className: "builder-frame-box", dataset: { language } });
      this.frames.append(box);
      this.load(box, language);
    }
    this.fit();
  }

  load(box, language) {
    const before = box.querySelector("iframe[data-shown]");
    for (const waiting of box.querySelectorAll("iframe:not([data-shown])")) waiting.remove();
    const name = `builder-preview-${language}-${Date.now()}`;
    const frame = make("iframe", { name, title: `${this.words.preview} ${language}`, className: "builder-frame" });
    frame.addEventListener("load", () => {
      if (frame.contentWindow.location.href === "about:blank") return;
      frame.contentWindow.scrollTo(0, before?.contentWindow?.scrollY || 0);
      before?.remove();
      frame.dataset.shown = "1";
      frame.contentDocument.addEventListener("click", (event) => this.choose(event.target.closest("[data-field]")?.dataset.field));
    });
    box.append(frame);
    this.fit();
    this.post("preview", name, language);
  }

  // A click on a field of the form shows its properties beside it.
  choose(fieldname) {
    const field = this.drawing.main.fields.find((other) => other.raw.fieldname === fieldname);
    if (field) this.drawing.select(field.id);
  }

  post(path, target, language) {
    const fields = { csrf_token: this.page.csrf, pieces: JSON.stringify(this.drawing.pieces()), name: this.drawing.main.raw.name || "", language };
    const inputs = Object.entries(fields).map(([name, value]) => make("input", { type: "hidden", name, value }));
    const form = make("form", { method: "post", action: `/admin/builder/${path}`, target, hidden: true }, ...inputs);
    document.body.append(form);
    form.submit();
    form.remove();
  }

  // A desktop's page is shown smaller where there is less room than it needs.
  fit() {
    const room = this.frames.clientWidth / Math.max(this.languages.length, 1) - 12;
    for (const frame of this.frames.querySelectorAll("iframe")) {
      const wanted = this.width === "phone" ? PHONE_WIDTH : Math.max(DESKTOP_WIDTH, room);
      const scale = Math.min(1, room / wanted);
      const height = Math.max(420, window.innerHeight - 220);
      Object.assign(frame.style, { width: `${wanted}px`, height: `${height / scale}px`, transform: `scale(${scale})` });
      Object.assign(frame.parentElement.style, { width: `${wanted * scale}px`, height: `${height}px` });
    }
  }
}
