// What a save would refuse is told beside the field as soon as it is left, in the words of the save: the server judges the form as
// it stands. Only fields that somebody has touched are told of, and never the one being typed in.
import { still } from "./form-still.js";

const PAUSE = 900; // milliseconds without a key, for whoever stays in a field

export class Check {
  constructor(form) {
    this.form = form;
    this.touched = new Set();
    this.told = new Map(); // where -> the place that says it
    this.stale = false;
    form.element.addEventListener("change", (event) => this.onChange(event));
    form.element.addEventListener("focusout", () => this.soon(60));
  }

  onChange(event) {
    const box = event.target.closest("[data-field]:not(fieldset)");
    if (box) this.touched.add(box.dataset.field);
    this.stale = true;
    this.soon(60);
  }

  // Called by the form after every change.
  later() {
    this.stale = true;
    this.soon(PAUSE);
  }

  soon(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), milliseconds);
  }

  async ask() {
    if (!this.stale || this.form.isBusy?.()) return;
    this.stale = false;
    this.asking?.abort();
    this.asking = new AbortController();
    for (const grid of this.form.grids.values()) grid.write();
    const body = new FormData(this.form.element);
    body.delete("_action");
    const address = `/check/${encodeURIComponent(this.form.page.meta.doctype)}`;
    const headers = { Accept: "application/json", "X-CSRF-Token": this.form.csrf() };
    const answer = await fetch(address, { method: "POST", body, headers, signal: this.asking.signal }).catch(() => null);
    const result = answer?.ok ? await answer.json().catch(() => null) : null;
    if (result && !this.stale) still(() => this.tell(result.faults)); // typed on meanwhile: asked again soon
  }

  tell(faults) {
    const open = faults.filter((fault) => fault.where && this.isTouched(fault.where));
    const wrong = new Set(open.map((fault) => fault.where));
    for (const [where, taking] of this.told) if (!wrong.has(where)) { taking(); this.told.delete(where); }
    for (const fault of open) if (!this.isTypedIn(fault.where)) this.say(fault);
    if (open.some((fault) => this.isTypedIn(fault.where))) this.stale = true; // told when it is left
  }

  isTouched(where) {
    const fieldname = where.split("[")[0];
    return this.touched.has(fieldname) || this.form.isChanged(fieldname);
  }

  isTypedIn(where) {
    const at = document.activeElement;
    const cell = at?.closest("td[data-where]");
    return cell ? cell.dataset.where === where : at === this.form.input(where);
  }

  say({ where, message }) {
    const cell = this.form.element.querySelector(`td[data-where="${CSS.escape(where)}"]`);
    if (cell) {
      const input = cell.querySelector("input, select, textarea");
      cell.classList.add("has-error");
      cell.title = message;
      input?.setAttribute("aria-invalid", "true");
      this.told.set(where, () => { cell.classList.remove("has-error"); cell.removeAttribute("title"); input?.removeAttribute("aria-invalid"); });
      return;
    }
    const place = document.getElementById(`e-${where}`);
    if (!place || (!place.hidden && place.textContent === message)) return;
    const input = this.form.input(where);
    place.textContent = message;
    place.hidden = false;
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-describedby", place.id);
    this.told.set(where, () => {
      if (place.textContent !== message) return; // somebody else speaks there by now
      place.hidden = true;
      input?.removeAttribute("aria-invalid");
    });
  }
}
