// Table MultiSelect: a child table whose rows hold one link each, chosen and removed as tags. It travels as a table does.
import { Link } from "./form-link.js";

export function setUpTags(form) {
  for (const box of form.element.querySelectorAll("[data-tags]")) {
    const meta = form.page.meta.tables[box.dataset.field];
    if (meta && box.dataset.tags) form.grids.set(box.dataset.field, new Tags(form, box, meta));
  }
}

class Tags {
  constructor(form, box, meta) {
    Object.assign(this, { form, box, meta, fieldname: box.dataset.field });
    this.fields = new Map(meta.fields.map((field) => [field.fieldname, field]));
    this.column = this.fields.get(box.dataset.tags);
    this.list = box.querySelector(".tag-list");
    this.payload = box.querySelector("[data-rows]");
    if (this.payload) this.payload.disabled = false;
    this.form.record[this.fieldname] ||= [];
    const chooser = box.querySelector(".link-input");
    if (chooser && this.column) this.link = this.linkOf(chooser);
    this.list.addEventListener("click", (event) => {
      const index = event.target.closest("[data-remove]")?.dataset.remove;
      if (index !== undefined) this.remove(Number(index));
    });
    this.draw();
  }

  get rows() {
    return this.form.record[this.fieldname];
  }

  linkOf(chooser) {
    const input = chooser.querySelector("input");
    input.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !input.value && this.rows.length) this.remove(this.rows.length - 1);
    });
    return new Link(this.form, chooser, {
      field: this.column,
      fetched: [],
      value: () => null,
      put: (_, value) => {
        if (!value || this.rows.some((row) => row[this.column.fieldname] === value)) return;
        this.rows.push({ name: null, ...this.meta.blank, [this.column.fieldname]: value });
      },
      done: () => { input.value = ""; this.draw(); },
    });
  }

  remove(index) {
    this.rows.splice(index, 1);
    this.draw();
    this.form.changed();
    this.link?.input.focus();
  }

  draw() {
    const tags = this.rows.map((row, index) => this.tag(row, index));
    if (!tags.length && !this.link) tags.push(Object.assign(document.createElement("li"), { className: "muted", textContent: "—" }));
    this.list.replaceChildren(...tags);
    this.refresh();
  }

  tag(row, index) {
    const value = row[this.column.fieldname];
    const title = this.form.titles.get(`${this.column.options}/${value}`) || String(value ?? "");
    const tag = Object.assign(document.createElement("li"), { className: "tag" });
    tag.append(Object.assign(document.createElement("span"), { textContent: title }));
    if (this.link) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: "✕", title: this.form.texts.remove_row });
      button.setAttribute("aria-label", `${this.form.texts.remove_row} ${title}`);
      button.dataset.remove = index;
      tag.append(button);
    }
    return tag;
  }

  // As every child table: after formulas, and before the form is sent.
  refresh() {
    this.write();
  }

  write() {
    if (this.payload) this.payload.value = JSON.stringify(this.rows);
  }
}
