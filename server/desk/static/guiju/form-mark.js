// Marking on a picture: arrows, circles, free lines and texts over it, made into a new picture; the original stays what it is.
import { blobOf, canvasOf } from "./form-photo.js";

const COLORS = ["#d92d20", "#f5a800", "#1769c2", "#111111"];
const MOST = 1600;

// Resolves to the marked picture as a blob, null when nothing was marked.
export async function markOn(texts, address) {
  const answer = await fetch(address).catch(() => null);
  const picture = answer?.ok ? await canvasOf(await answer.blob(), MOST) : null;
  if (!picture) throw new Error(texts.mark_unread);
  return new Promise((resolve) => new Marker(texts, picture, resolve));
}

class Marker {
  constructor(texts, picture, done) {
    Object.assign(this, { texts, picture, done, marks: [], tool: "arrow", color: COLORS[0], drawing: null });
    this.canvas = Object.assign(document.createElement("canvas"), { width: picture.width, height: picture.height, className: "mark-canvas", tabIndex: 0, ariaLabel: texts.mark_title });
    this.canvas.setAttribute("role", "img");
    this.dialog = Object.assign(document.createElement("dialog"), { className: "dialog mark-dialog", ariaLabel: texts.mark_title });
    this.dialog.append(this.bar(), this.canvas, this.actions());
    this.dialog.addEventListener("close", () => { this.dialog.remove(); done(this.result || null); });
    for (const [type, act] of [["pointerdown", "begin"], ["pointermove", "go"], ["pointerup", "end"], ["pointercancel", "end"]]) this.canvas.addEventListener(type, (event) => this[act](event));
    this.dialog.addEventListener("keydown", (event) => { if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { event.preventDefault(); this.undo(); } });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.draw();
  }

  bar() {
    const bar = Object.assign(document.createElement("div"), { className: "mark-tools" });
    bar.setAttribute("role", "toolbar");
    const { texts } = this;
    for (const [tool, label] of [["arrow", texts.mark_arrow], ["circle", texts.mark_circle], ["line", texts.mark_line], ["text", texts.mark_text]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: label, ariaPressed: String(tool === this.tool) });
      button.addEventListener("click", () => { this.tool = tool; for (const other of bar.querySelectorAll("[aria-pressed]:not(.mark-color)")) other.ariaPressed = String(other === button); });
      bar.append(button);
    }
    COLORS.forEach((color, index) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "mark-color", ariaLabel: `${texts.mark_color} ${index + 1}`, ariaPressed: String(color === this.color) });
      button.style.background = color;
      button.addEventListener("click", () => { this.color = color; for (const other of bar.querySelectorAll(".mark-color")) other.ariaPressed = String(other === button); });
      bar.append(button);
    });
    const undo = Object.assign(document.createElement("button"), { type: "button", className: "button small quiet", textContent: texts.mark_undo });
    undo.addEventListener("click", () => this.undo());
    bar.append(undo);
    return bar;
  }

  actions() {
    const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: this.texts.close });
    const keep = Object.assign(document.createElement("button"), { type: "button", className: "button primary", textContent: this.texts.mark_done });
    close.addEventListener("click", () => this.dialog.close());
    keep.addEventListener("click", async () => {
      if (this.marks.length) this.result = await blobOf(this.canvas);
      this.dialog.close();
    });
    actions.append(close, keep);
    return actions;
  }

  // Where the pointer is, in pixels of the picture.
  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * this.canvas.width) / box.width, ((event.clientY - box.top) * this.canvas.height) / box.height];
  }

  begin(event) {
    event.preventDefault();
    const at = this.point(event);
    if (this.tool === "text") { this.ask(at, event); return; }
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = { tool: this.tool, color: this.color, points: [at, at] };
  }

  go(event) {
    if (!this.drawing) return;
    if (this.drawing.tool === "line") this.drawing.points.push(this.point(event));
    else this.drawing.points[1] = this.point(event);
    this.draw();
  }

  end() {
    if (!this.drawing) return;
    const [[x1, y1], [x2, y2]] = [this.drawing.points[0], this.drawing.points.at(-1)];
    if (Math.hypot(x2 - x1, y2 - y1) > 8 || this.drawing.points.length > 3) this.marks.push(this.drawing);
    this.drawing = null;
    this.draw();
  }

  // A text is typed where it will stand.
  ask(at, event) {
    const input = Object.assign(document.createElement("input"), { className: "mark-input", maxLength: 60, ariaLabel: this.texts.mark_text });
    const box = this.dialog.getBoundingClientRect();
    Object.assign(input.style, { left: `${event.clientX - box.left + this.dialog.scrollLeft}px`, top: `${event.clientY - box.top + this.dialog.scrollTop - 14}px`, color: this.color });
    const put = () => {
      if (input.value.trim()) this.marks.push({ tool: "text", color: this.color, points: [at], text: input.value.trim() });
      input.remove();
      this.draw();
    };
    input.addEventListener("keydown", (key) => {
      if (key.key === "Enter") { key.preventDefault(); input.blur(); }
      if (key.key === "Escape") { key.preventDefault(); key.stopPropagation(); input.value = ""; input.blur(); }
    });
    input.addEventListener("blur", put, { once: true });
    this.dialog.append(input);
    input.focus();
  }

  undo() {
    this.marks.pop();
    this.draw();
  }

  draw() {
    const pen = this.canvas.getContext("2d");
    pen.drawImage(this.picture, 0, 0);
    for (const mark of [...this.marks, ...(this.drawing ? [this.drawing] : [])]) SHAPES[mark.tool](pen, mark, Math.max(4, this.canvas.width / 220));
  }
}

function outline(pen, { color }, width, trace) {
  for (const [style, size] of [["rgb(255 255 255 / 80%)", width * 1.9], [color, width]]) { // a light rim, so that it shows on any ground
    Object.assign(pen, { strokeStyle: style, lineWidth: size, lineCap: "round", lineJoin: "round" });
    pen.beginPath();
    trace();
    pen.stroke();
  }
}

const SHAPES = {
  arrow(pen, mark, width) {
    const [[x1, y1], [x2, y2]] = mark.points;
    const angle = Math.atan2(y2 - y1, x2 - x1);
    outline(pen, mark, width, () => {
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
      for (const side of [0.5, -0.5]) {
        pen.moveTo(x2, y2);
        pen.lineTo(x2 - width * 6 * Math.cos(angle + side), y2 - width * 6 * Math.sin(angle + side));
      }
    });
  },
  circle(pen, mark, width) {
    const [[x1, y1], [x2, y2]] = mark.points;
    outline(pen, mark, width, () => pen.ellipse((x1 + x2) / 2, (y1 + y2) / 2, Math.abs(x2 - x1) / 2, Math.abs(y2 - y1) / 2, 0, 0, 2 * Math.PI));
  },
  line(pen, mark, width) {
    outline(pen, mark, width, () => mark.points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y))));
  },
  text(pen, mark, width) {
    const [[x, y]] = mark.points;
    Object.assign(pen, { font: `600 ${width * 6}px sans-serif`, textBaseline: "middle", lineJoin: "round", strokeStyle: "#fff", lineWidth: width * 1.4, fillStyle: mark.color });
    pen.strokeText(mark.text, x, y);
    pen.fillText(mark.text, x, y);
  },
};
