// The drawing of a workflow: states as boxes that are dragged, transitions as arrows that are drawn from the edge of a box.
import { said } from "./builder-parts.js";
import { BOX, center, routed } from "./workflow-routes.js";

const SVG = "http://www.w3.org/2000/svg";
const PAD = 24;
const STEP = 10; // what an arrow key moves a box by
const FAR_ENOUGH = 4; // pixels before a press becomes a drag
const ZOOMS = [0.5, 0.65, 0.8, 1, 1.25];
const MARKS = { approved: "✓ ", refused: "✗ ", "": "" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// As much of a text as fits into so many pixels; a Chinese letter takes twice the room.
const lengthOf = (text) => [...text].reduce((sum, letter) => sum + (letter.codePointAt(0) > 0x2e7f ? 13 : 6.8), 0);
function cut(text, room) {
  let short = text;
  while (short && lengthOf(short) > room) short = short.slice(0, -1);
  return short === text ? text : `${short.slice(0, -1)}…`;
}

export class WorkflowCanvas {
  // `openPanel` moves the focus to the form of what is selected.
  constructor(page, element, openPanel) {
    Object.assign(this, { page, drawing: page.doc, element, openPanel, zoom: 3, faults: new Map(), held: null, moving: null });
    this.svg = draw("svg", { class: "workflow-svg", role: "group", "aria-label": page.words.canvas });
    this.hint = Object.assign(document.createElement("p"), { className: "workflow-empty", textContent: page.words.empty });
    element.append(this.svg, this.hint);
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", (event) => this.release(event));
    this.svg.addEventListener("pointercancel", () => this.drop());
    this.svg.addEventListener("dblclick", (event) => { if (!event.target.closest("[data-key]")) this.drawing.addState(this.middled(this.point(event))); });
    this.hint.addEventListener("dblclick", () => this.drawing.addState());
    this.svg.addEventListener("focusin", (event) => this.chosen(event.target.closest("[data-key]")));
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  // What is wrong, by the key of the state or arrow: `state 0`, `transition 3`.
  setFaults(faults) { this.faults = faults; this.draw(); }

  draw() {
    const { drawing } = this;
    this.isDrawing = true; // the focus that is given back chooses nothing
    const places = drawing.places();
    if (this.moving) places.set(this.moving.index, this.moving.at);
    const { kind, index } = drawing.selected;
    const focused = !this.svg.contains(document.activeElement) ? null : kind === "workflow" ? document.activeElement.dataset.key : `${kind} ${index}`;
    const boxes = drawing.boxes;
    const arrows = drawing.arrows;
    const ways = routed(arrows, places, (arrow) => Math.max(30, lengthOf(this.labelOf(arrow)) + 8, lengthOf(cut(this.roleOf(arrow), 130))));
    const right = Math.max(0, ...[...places.values()].map((place) => place.x + BOX.width), ...ways.map((way) => way.label.x + 50));
    const bottom = Math.max(0, ...[...places.values()].map((place) => place.y + BOX.height));
    const scale = ZOOMS[this.zoom];
    const size = { width: Math.max(right + 2 * PAD, this.element.clientWidth / scale - 2), height: Math.max(bottom + 2 * PAD, 380) };
    this.svg.setAttribute("viewBox", `${-PAD} ${-PAD} ${size.width} ${size.height}`);
    this.svg.setAttribute("width", size.width * scale);
    this.svg.setAttribute("height", size.height * scale);
    this.hint.hidden = boxes.length > 0;
    this.svg.replaceChildren(marker("tip"), marker("tip-chosen"), ...boxes.map((box) => this.state(box, places.get(box.index), box === boxes[0])), ...arrows.map((arrow, number) => this.arrow(arrow, ways[number])));
    if (this.held?.line) this.svg.append(this.held.line);
    if (focused) this.svg.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.isDrawing = false;
  }

  // Boxes

  state(box, place, isFirst) {
    const { page, drawing } = this;
    const { words } = page;
    const key = `state ${box.index}`;
    const wrong = this.faults.get(key) || [];
    const title = said(box.row.title, page.language) || box.name || "?";
    const status = page.statuses.find(([value]) => value === String(box.row.doc_status ?? "0"))?.[1] || "";
    const steps = countSteps(box.row.steps);
    const small = [isFirst ? words.first : "", status, steps ? words.approvals.replace("{number}", steps) : ""].filter(Boolean).join(" · ");
    const spoken = [words.state, title, small, wrong.length ? words.faults_here.replace("{number}", wrong.length) : ""].filter(Boolean).join(", ");
    const chosen = drawing.selected.kind === "state" && drawing.selected.index === box.index;
    const group = draw("g", { class: `workflow-state is-${String(box.row.style || "none").toLowerCase().replace(/[^a-z]/g, "")}${chosen ? " is-chosen" : ""}${wrong.length ? " is-wrong" : ""}`, transform: `translate(${place.x} ${place.y})`, tabindex: 0, role: "button", "aria-label": spoken, "aria-pressed": String(chosen), "data-key": key });
    group.append(
      draw("title", {}, [title, ...wrong].join("\n")),
      draw("rect", { class: "workflow-box", width: BOX.width, height: BOX.height, rx: 9 }),
      draw("rect", { class: "workflow-stripe", x: 1, y: 8, width: 5, height: BOX.height - 16, rx: 2 }),
      draw("text", { class: "workflow-title", x: 16, y: 27 }, cut(title, BOX.width - (wrong.length ? 52 : 28))),
      draw("text", { class: "workflow-small", x: 16, y: 47 }, cut(small, BOX.width - 22)),
    );
    if (wrong.length) group.append(badge(BOX.width - 20, 22, wrong.length));
    for (const [side, x, y] of [["top", BOX.width / 2, 0], ["right", BOX.width, BOX.height / 2], ["bottom", BOX.width / 2, BOX.height], ["left", 0, BOX.height / 2]]) {
      group.append(draw("circle", { class: "workflow-dot-room", cx: x, cy: y, r: 13, "data-dot": side }), draw("circle", { class: "workflow-dot", cx: x, cy: y, r: 5.5 }));
    }
    return group;
  }

  // Arrows

  labelOf(arrow) { return cut(MARKS[arrow.row.when || ""] + (said(arrow.row.title, this.page.language) || arrow.row.action || "?"), 150); }

  roleOf({ row, roles }) {
    if (row.when || !roles.length) return "";
    const [first, ...others] = roles.map((role) => this.page.roles.find(([name]) => name === role)?.[1] || role);
    return others.length ? `${first} +${others.length}` : first;
  }

  arrow(arrow, way) {
    const { page, drawing } = this;
    const { words } = page;
    const key = `transition ${arrow.index}`;
    const wrong = this.faults.get(key) || [];
    const role = this.roleOf(arrow);
    const chosen = drawing.selected.kind === "transition" && drawing.selected.index === arrow.index;
    const titleOf = (box) => said(box.row.title, page.language) || box.name;
    const label = this.labelOf(arrow);
    const spoken = [words.transition, label, `${titleOf(arrow.from)} → ${titleOf(arrow.to)}`, role, wrong.length ? words.faults_here.replace("{number}", wrong.length) : ""].filter(Boolean).join(", ");
    const group = draw("g", { class: `workflow-arrow${arrow.row.when ? " is-automatic" : ""}${chosen ? " is-chosen" : ""}${wrong.length ? " is-wrong" : ""}`, tabindex: 0, role: "button", "aria-label": spoken, "aria-pressed": String(chosen), "data-key": key });
    group.append(
      draw("title", {}, [spoken, ...wrong].join("\n")),
      draw("path", { class: "workflow-line-room", d: way.d }),
      draw("path", { class: "workflow-line", d: way.d, "marker-end": `url(#workflow-${chosen ? "tip-chosen" : "tip"})` }),
      draw("text", { class: "workflow-label", x: way.label.x, y: way.label.y + (role ? 0 : 4), "text-anchor": "middle" }, label),
      ...(role ? [draw("text", { class: "workflow-role", x: way.label.x, y: way.label.y + 13, "text-anchor": "middle" }, cut(role, 130))] : []),
    );
    if (wrong.length) group.append(badge(way.label.x + lengthOf(label) / 2 + 12, way.label.y - 2, wrong.length));
    return group;
  }

  // The pointer

  point(event) {
    const room = this.svg.getBoundingClientRect();
    const scale = ZOOMS[this.zoom];
    return { x: (event.clientX - room.left) / scale - PAD, y: (event.clientY - room.top) / scale - PAD };
  }

  middled(point) { return { x: Math.max(0, point.x - BOX.width / 2), y: Math.max(0, point.y - BOX.height / 2) }; }

  press(event) {
    if (event.button || this.held) return;
    const target = event.target.closest("[data-key]");
    if (!target) { this.drawing.select("workflow"); return; }
    const [kind, number] = target.dataset.key.split(" ");
    this.drawing.select(kind, Number(number));
    if (kind !== "state") return;
    const index = Number(number);
    const place = this.drawing.places().get(index);
    const start = this.point(event);
    this.held = { index, start, place, pointer: event.pointerId, from: event.target.dataset.dot ? center(place) : null };
    this.svg.setPointerCapture(event.pointerId);
    event.preventDefault();
    this.svg.querySelector(`[data-key="state ${index}"]`)?.focus({ preventScroll: true });
  }

  move(event) {
    const { held } = this;
    if (!held || held.pointer !== event.pointerId) return;
    const at = this.point(event);
    if (!held.isMoving && Math.hypot(at.x - held.start.x, at.y - held.start.y) < FAR_ENOUGH) return;
    held.isMoving = true;
    if (held.from) {
      held.line = draw("path", { class: "workflow-drawn", d: `M${held.from.x} ${held.from.y}L${at.x} ${at.y}` });
      for (const old of this.svg.querySelectorAll(".workflow-drawn")) old.remove();
      for (const old of this.svg.querySelectorAll(".is-target")) old.classList.remove("is-target");
      this.svg.append(held.line);
      this.under(event)?.classList.add("is-target");
      return;
    }
    this.moving = { index: held.index, at: { x: Math.max(0, held.place.x + at.x - held.start.x), y: Math.max(0, held.place.y + at.y - held.start.y) } };
    this.asked ||= requestAnimationFrame(() => { this.asked = 0; this.draw(); });
  }

  release(event) {
    const { held, moving } = this;
    if (!held || held.pointer !== event.pointerId) return;
    const target = held.from && held.isMoving ? this.under(event) : null;
    this.drop();
    if (moving) this.drawing.place(moving.index, moving.at);
    else if (target) this.drawing.connect(held.index, Number(target.dataset.key.split(" ")[1]));
  }

  drop() {
    this.held = this.moving = null;
    this.draw();
  }

  // The box under the pointer, which the line that is drawn does not hide.
  under(event) {
    return document.elementsFromPoint(event.clientX, event.clientY).map((one) => one.closest?.(".workflow-state")).find(Boolean) || null;
  }

  // Keys

  chosen(target) {
    if (!target || this.held || this.isDrawing) return;
    const [kind, number] = target.dataset.key.split(" ");
    this.drawing.select(kind, Number(number));
  }

  key(event) {
    const target = event.target.closest("[data-key]");
    if (!target || event.ctrlKey || event.metaKey || event.altKey) return;
    const [kind, number] = target.dataset.key.split(" ");
    if (ARROWS[event.key] && kind === "state") {
      const place = this.drawing.places().get(Number(number));
      const [dx, dy] = ARROWS[event.key].map((way) => way * STEP * (event.shiftKey ? 5 : 1));
      this.drawing.nudge(Number(number), { x: Math.max(0, place.x + dx), y: Math.max(0, place.y + dy) });
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.drawing.remove();
      (this.svg.querySelector("[data-key]") || this.svg).focus();
    } else if (event.key === "Enter" || event.key === " ") this.openPanel();
    else if (event.key === "Escape") { this.drop(); this.drawing.select("workflow"); }
    else return;
    event.preventDefault();
  }

  zoomBy(step) {
    this.zoom = Math.max(0, Math.min(ZOOMS.length - 1, this.zoom + step));
    this.draw();
  }

  focus(key) {
    const found = this.svg.querySelector(`[data-key="${CSS.escape(key)}"]`);
    found?.focus({ preventScroll: true });
    found?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function marker(name) {
  return draw("marker", { id: `workflow-${name}`, class: `workflow-${name}`, viewBox: "0 0 10 10", refX: 8, refY: 5, markerWidth: 8, markerHeight: 8, orient: "auto-start-reverse" }, draw("path", { d: "M0 0L10 5L0 10z" }));
}

function badge(x, y, number) {
  return draw("g", { class: "workflow-badge" }, draw("circle", { cx: x, cy: y, r: 9 }), draw("text", { x, y: y + 4, "text-anchor": "middle" }, String(number)));
}

function countSteps(nodes) {
  return (Array.isArray(nodes) ? nodes : []).reduce((sum, node) => sum + (node?.parallel || node?.sequence ? countSteps(node.parallel || node.sequence) : 1), 0);
}
