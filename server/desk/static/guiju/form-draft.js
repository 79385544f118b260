// What is typed is kept in this browser, by user and record, until it is saved; a page that was closed offers it again.

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
    try {
      localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), version: this.form.page.version, record: this.form.record, titles: [...this.form.titles] }));
    } catch { /* the browser's store is full or closed: the page itself still holds everything */ }
  }

  drop() {
    clearTimeout(this.timer);
    localStorage.removeItem(this.key);
  }

  // A draft of an older version is no longer offered: the record has moved on.
  offer() {
    const kept = this.read();
    const notice = document.getElementById("draft-notice");
    if (!kept || kept.version !== this.form.page.version) return;
    notice.hidden = false;
    notice.querySelector("[data-at]").textContent = new Date(kept.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
    notice.querySelector("[data-restore]").addEventListener("click", () => { notice.hidden = true; this.restore(kept); });
    notice.querySelector("[data-discard]").addEventListener("click", () => { this.drop(); notice.hidden = true; });
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key) || "null");
    } catch {
      return null;
    }
  }

  // What was typed, and what was fetched through a link that was chosen.
  restore({ record, titles = [] }) {
    for (const [key, title] of titles) this.form.titles.set(key, title);
    for (const [fieldname, value] of Object.entries(record)) {
      if (this.form.open.has(fieldname) || this.form.fields.get(fieldname)?.fetch_from) this.form.set(fieldname, value);
    }
    this.form.changed();
  }
}
