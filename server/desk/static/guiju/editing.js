// What the editors of metadata share (builder, rule, workflow, print format): undo and its keys, the draft that this browser
// keeps, word of what was published. What is edited is a `doc` with `undo`, `redo`, `past` and `future`.
import { button } from "./builder-parts.js";

export function historyButtons(doc, words) {
  const undo = button(words.undo, () => doc.undo(), { title: "Ctrl+Z" });
  const redo = button(words.redo, () => doc.redo(), { title: "Ctrl+Shift+Z" });
  const refresh = () => { undo.disabled = !doc.past.length; redo.disabled = !doc.future.length; };
  return { undo, redo, refresh };
}

// Undo, redo, publish. `isOwn` tells of an element that takes back by itself what is typed in it.
export function listenToKeys(doc, publish, isOwn = () => false) {
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if ((key === "z" || key === "y") && !isOwn(event.target)) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) doc.redo();
      else doc.undo();
    } else if (key === "s") {
      event.preventDefault();
      publish();
    }
  });
}

// What was drawn and not published, under `key` in this browser.
export class LocalDraft {
  constructor(key) { this.key = key; }

  get text() { return localStorage.getItem(this.key); }

  keep(text) {
    try { // one with a large picture may not fit: the draft is a convenience
      localStorage.setItem(this.key, text);
    } catch { this.drop(); }
  }

  drop() { localStorage.removeItem(this.key); }

  // Whoever leaves is asked only where their work would be lost.
  guard(isChanged) {
    window.addEventListener("beforeunload", (event) => { if (isChanged() && !this.text) event.preventDefault(); });
  }

  // In `box`, where it differs from what was `opened`; `use` gets it parsed.
  offer(box, words, opened, use) {
    const { text } = this;
    if (!text || text === opened) return;
    const done = () => { box.hidden = true; };
    box.replaceChildren(words.draft_found, " ", button(words.draft_use, () => { use(JSON.parse(text)); done(); }), button(words.draft_drop, () => { this.drop(); done(); }));
    box.hidden = false;
  }
}

// Said on the page that opens next, once.
export const sayNext = (key, text) => sessionStorage.setItem(key, text);

export function saidBefore(key) {
  const text = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  return text;
}
