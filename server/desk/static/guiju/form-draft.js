// What is typed is kept in this browser, by user and record, until it is saved; a page that was closed offers it again, with
// what differs from the record as it is.
import { readable } from "./form-values.js";

const SHOWN = 12;

export class Draft {
  constructor(form) {
    this.form = form;
    this.key = `guiju-draft:${form.page.user.name}:${form.element.dataset.draft}`;
    window.addEventListener("beforeunload", (event) => {
      if (!form.dirty) return;
      this.keep();
      event.preventDefault();
    });
    this.offer();
  }

  keepSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), 800);
  }

  keep() {
    if (!this.form.dirty) return;
    const kept = JSON.stringify({ at: Date.now(), version: this.form.page.version, changed: this.changed(), titles: [...this.form.titles] });
    this.form.offline?.keepDraft(this.key, kept);
    try {
      localStorage.setItem(this.key, kept);
    } catch { /* the browser's store is full or closed: the page itself still holds everything */ }
  }

  changed() {
    return Object.fromEntries(Object.entries(this.form.record).filter(([fieldname]) => this.form.isChanged(fieldname)));
  }

  drop() {
    clearTimeout(this.timer);
    localStorage.removeItem(this.key);
    this.form.offline?.dropDraft(this.key);
  }

  // Only what this person changed is kept, so it can be put on top of what others saved meanwhile; the notice then says so.
  offer() {
    const kept = this.read();
    const notice = document.getElementById("draft-notice");
    if (!kept || !Object.keys(kept.changed || {}).some((fieldname) => this.form.open.has(fieldname))) return;
    notice.hidden = false;
    notice.querySelector("[data-moved]").hidden = kept.version === this.form.page.version;
    notice.querySelector("[data-at]").textContent = this.moment(kept.at);
    this.tellDifferences(notice.querySelector("[data-differs]"), kept);
    notice.querySelector("[data-restore]").addEventListener("click", () => { notice.hidden = true; this.restore(kept); });
    notice.querySelector("[data-discard]").addEventListener("click", () => { this.drop(); notice.hidden = true; });
  }

  // Field by field: what stands there now, and what was typed.
  tellDifferences(place, { changed, titles = [] }) {
    const form = { ...this.form, titles: new Map([...titles, ...this.form.titles]) };
    const said = (field, value) => (Array.isArray(value) ? this.form.texts.rows.replace("{number}", value.length) : field.widget.startsWith("attach") || field.widget === "signature" ? (value ? "✓" : "") : readable(form, field, value)) || "—";
    const names = Object.keys(changed).filter((name) => this.form.open.has(name) && this.form.fields.has(name));
    const lines = names.slice(0, SHOWN).map((name) => {
      const field = this.form.fields.get(name);
      const line = document.createElement("li");
      const [now, then] = [said(field, this.form.record[name]), said(field, changed[name])];
      line.append(`${field.label}: `, Object.assign(document.createElement("del"), { textContent: now }), " ", Object.assign(document.createElement("ins"), { textContent: then }));
      return line;
    });
    if (names.length > SHOWN) lines.push(Object.assign(document.createElement("li"), { textContent: `+ ${names.length - SHOWN}` }));
    place.replaceChildren(...lines);
  }

  // As every time on the page: in the site's zone, wherever the browser is.
  moment(at) {
    return new Date(at).toLocaleString("sv-SE", { timeZone: this.form.page.zone, dateStyle: "short", timeStyle: "short" });
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key) || "null");
    } catch {
      return null;
    }
  }

  // What was typed, and what was fetched through a link that was chosen.
  restore({ changed, titles = [] }) {
    for (const [key, title] of titles) this.form.titles.set(key, title);
    for (const [fieldname, value] of Object.entries(changed)) {
      if (this.form.open.has(fieldname) || this.form.fields.get(fieldname)?.fetch_from) this.form.set(fieldname, value);
    }
    this.form.changed();
  }
}
