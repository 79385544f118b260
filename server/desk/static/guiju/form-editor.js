// Rich text written as it will look: a small toolbar over an editable area, a hidden textarea that carries the HTML.
// What may stay of a pasted text is decided by rich-text.js; the server cleans once more. Without scripts the textarea is all there is.
import { clean, isBlank, tidy } from "./rich-text.js";

const TOOLS = [
  ["bold", "B", (texts) => texts.editor_bold],
  ["italic", "I", (texts) => texts.editor_italic],
  ["underline", "U", (texts) => texts.editor_underline],
  ["insertUnorderedList", "•", (texts) => texts.editor_bullets],
  ["insertOrderedList", "1.", (texts) => texts.editor_numbers],
  ["heading", "H", (texts) => texts.editor_heading],
  ["clear", "T×", (texts) => texts.editor_clear],
];

// The main fields of the form.
export function setUpEditors(form) {
  for (const input of form.element.querySelectorAll(".field-editor > textarea")) {
    const label = document.getElementById(`l-${input.name}`);
    const editor = richEditor(form.texts, {
      label: form.fields.get(input.name).label,
      value: input.value,
      changed: (html) => { input.value = html; input.dispatchEvent(new Event("input", { bubbles: true })); },
    });
    editor.area.setAttribute("aria-describedby", `e-${input.name}`);
    label.addEventListener("click", () => editor.area.focus());
    input.editor = editor;
    input.hidden = true;
    input.before(editor.box);
  }
}

// The box with toolbar and area; `set` shows another text, `lock` closes it.
export function richEditor(texts, { label, value, changed }) {
  const box = Object.assign(document.createElement("div"), { className: "editor" });
  const area = Object.assign(document.createElement("div"), { className: "editor-area rich", contentEditable: "true", tabIndex: 0 });
  for (const [name, text] of [["role", "textbox"], ["aria-multiline", "true"], ["aria-label", label]]) area.setAttribute(name, text);
  const set = (html) => area.replaceChildren(clean(html || "", { whole: true }));
  const tools = toolbar(texts, label, area);
  box.append(tools, area);
  set(value);
  area.addEventListener("focus", () => {
    document.execCommand("styleWithCSS", false, false);
    document.execCommand("defaultParagraphSeparator", false, "p");
    if (!area.firstChild) document.execCommand("formatBlock", false, "p");
  });
  area.addEventListener("input", (event) => { event.stopPropagation(); changed(isBlank(area) ? "" : area.innerHTML.replace(/<p><\/p>/g, "")); });
  area.addEventListener("paste", onPaste);
  area.addEventListener("drop", (event) => { if (event.dataTransfer.types.includes("text/html")) event.preventDefault(); });
  const lock = (closed) => { area.contentEditable = String(!closed); tools.hidden = closed; };
  return { box, area, set, lock };
}

function onPaste(event) {
  event.preventDefault();
  const html = event.clipboardData.getData("text/html");
  const holder = document.createElement("div");
  if (html) holder.append(clean(html, {}));
  else holder.append(...event.clipboardData.getData("text/plain").trim().split(/\r?\n/).flatMap((line, index) => (index ? [document.createElement("br"), line] : [line])));
  document.execCommand("insertHTML", false, tidy(holder.innerHTML));
}

// One stop for Tab; arrow keys go from button to button. The selection outlives the way to a button.
function toolbar(texts, label, area) {
  const bar = Object.assign(document.createElement("div"), { className: "editor-tools" });
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", texts.editor_tools.replace("{label}", label));
  let selected = null;
  const buttons = TOOLS.map(([command, mark, name], index) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: `icon-button editor-${command}`, textContent: mark, title: name(texts), tabIndex: index ? -1 : 0 });
    button.setAttribute("aria-label", name(texts));
    button.dataset.command = command;
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => { back(area, selected); run(command); press(); });
    return button;
  });
  const press = () => {
    for (const button of buttons) if (button.dataset.command !== "clear") button.setAttribute("aria-pressed", String(holds(button.dataset.command)));
  };
  const remember = () => {
    const selection = document.getSelection();
    if (!selection.rangeCount || !area.contains(selection.anchorNode)) return;
    selected = selection.getRangeAt(0).cloneRange();
    press();
  };
  document.addEventListener("selectionchange", remember);
  area.addEventListener("keydown", remember); // "selectionchange" may come after the Tab that leaves the area
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
  bar.append(...buttons);
  return bar;
}

function back(area, selected) {
  if (document.activeElement === area) return; // a selection set anew would forget the style of what is typed next
  area.focus();
  if (!selected) return;
  const selection = document.getSelection();
  selection.removeAllRanges();
  selection.addRange(selected);
}

const holds = (command) => (command === "heading" ? /^h\d$/i.test(document.queryCommandValue("formatBlock")) : document.queryCommandState(command));

function run(command) {
  if (command === "heading") document.execCommand("formatBlock", false, holds("heading") ? "p" : "h3");
  else if (command === "clear") {
    for (const list of ["insertUnorderedList", "insertOrderedList"]) if (holds(list)) document.execCommand(list);
    document.execCommand("removeFormat");
    for (const style of ["bold", "italic", "underline"]) if (holds(style)) document.execCommand(style); // of what is typed next
    document.execCommand("formatBlock", false, "p");
  } else document.execCommand(command);
}
