// Saving without leaving the page: refusals are shown at their fields, conflicts field by field (form-conflict.js), a lost
// session is renewed in place (form-dialog.js), and what is typed is kept in this browser until it is saved (form-draft.js).
import { isAnswered } from "./answered.js";
import { merge, showConflict } from "./form-conflict.js";
import { ask, signInAgain } from "./form-dialog.js";
import { Check } from "./form-check.js";
import { Draft } from "./form-draft.js";
import { setUpQuick } from "./form-quick.js";
import { keepTab, markTab, showTab } from "./form-tabs.js";
import { plain } from "./form-values.js";

const CARRIED = "guiju-refused";

const CELL = /^(.+)\[(\d+)\]\.(.+)$/; // `items[2].rate`
const MANY = 3; // rows that are wrong alike and still told one by one

// 2, 3, 4, 9 are read as 2–4, 9.
function spansOf(numbers) {
  const spans = [];
  for (const number of numbers) {
    if (spans.at(-1)?.[1] === number - 1) spans.at(-1)[1] = number;
    else spans.push([number, number]);
  }
  return spans.map(([first, last]) => (first === last ? first : `${first}–${last}`)).join(", ");
}

export function setUpSaving(form) {
  form.csrf = () => form.element.querySelector("[name=csrf_token]").value;
  form.toast = toast;
  form.signIn = () => signInAgain(form);
  form.quick = setUpQuick(form);
  form.draft = new Draft(form);
  form.check = new Check(form);
  const saver = new Saver(form);
  form.isBusy = () => saver.busy;
  return saver;
}

function toast(message, kind = "info") {
  const line = Object.assign(document.createElement("div"), { className: `toast toast-${kind}`, textContent: message });
  line.setAttribute("role", kind === "error" ? "alert" : "status");
  document.body.append(line);
  setTimeout(() => line.remove(), 6000);
}

class Saver {
  constructor(form) {
    this.form = form;
    this.errors = document.getElementById("errors");
    form.element.addEventListener("submit", (event) => this.onSubmit(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    for (const link of this.errors.querySelectorAll("[data-where] a")) this.leads(link, link.parentElement.dataset.where);
    this.showCarried();
  }

  onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || document.querySelector("dialog[open]")) return;
    const action = { s: "save", Enter: "submit" }[event.key];
    const button = action && this.form.element.querySelector(`.record-actions > button[value=${action}]`);
    if (!button) return;
    event.preventDefault();
    document.activeElement?.blur();
    this.form.element.requestSubmit(button);
  }

  async onSubmit(event) {
    event.preventDefault();
    const button = event.submitter;
    button?.closest("details")?.removeAttribute("open");
    if (button?.dataset.confirm) {
      const { confirm, asks, answer, value } = button.dataset;
      const given = await ask(confirm, button.textContent.trim(), this.form.texts, asks && { label: asks, value });
      if (!given) return;
      this.given = asks ? { [answer]: given } : {};
    }
    this.send(button?.value || "save", button);
  }

  async send(action, button) {
    if (this.busy) return;
    this.busy = true;
    button?.classList.add("is-busy");
    this.form.draft.keep();
    const body = this.filledIn(action);
    const { offline } = this.form;
    const answer = offline?.holdsFiles(body) ? null : await this.post(body);
    const result = (await answer?.json().catch(() => null)) || {};
    if (!answer && offline?.takes(action)) await this.keepHere(action, body, button);
    else if (!answer) this.show({ message: navigator.onLine ? this.form.texts.no_answer : this.form.texts.save_cut_off, faults: [] });
    this.busy = false;
    button?.classList.remove("is-busy");
    if (answer) this.onAnswer(answer, result, action, button);
  }

  filledIn(action) {
    for (const grid of this.form.grids.values()) grid.write();
    const body = new FormData(this.form.element);
    body.set("_action", action);
    for (const [name, text] of Object.entries(this.given || {})) body.set(name, text);
    return body;
  }

  // No answer: the save is kept in this browser and sent when there is a network (form-offline.js).
  async keepHere(action, body, button) {
    const { location, answer } = await this.form.offline.take(action, body, button?.textContent.trim());
    if (answer) this.refused(answer, action, button);
    else if (location) window.location.assign(location);
    else if (navigator.serviceWorker?.controller) {
      sessionStorage.setItem("guiju-toast", this.told(action, button));
      window.location.assign("/mine");
    } else this.form.toast(this.told(action, button));
  }

  told(action, button) {
    const { queued, queued_step: step } = this.form.offline.words;
    return action === "save" || !button ? queued : step.replace("{step}", button.textContent.trim());
  }

  async post(body) {
    const headers = { Accept: "application/json", "X-CSRF-Token": this.form.csrf() };
    const answer = await fetch(this.form.element.action, { method: "POST", body, headers }).catch(() => null);
    return isAnswered(answer) ? answer : null;
  }

  async onAnswer(answer, result, action, button) {
    if (answer.ok && result.ok) this.leave(result);
    else if (answer.status === 401 || result.exc_type === "CSRFTokenError") {
      if (await this.form.signIn()) this.send(action, button);
    } else if (answer.status === 413) this.show({ ...result, faults: this.tooLong() });
    else if (result.location) this.carry(result);
    else if (result.differences && !this.form.offline?.applied.length) this.onConflict(result, action, button);
    else this.refused(result, action, button);
  }

  // Saving goes on by itself when both changes fit together; whoever submits sees first what the other one changed. Of what was
  // kept without network nobody knows here what it was changed from: there the person decides.
  onConflict(result, action, button) {
    this.form.element.querySelector("[name=_key]").value = newKey();
    this.form.element.querySelector("[name=_version]").value = result.current_version;
    const { left, taken } = merge(this.form, result);
    this.form.changed();
    const again = () => this.send(action, button);
    if (!left.length && action === "save") {
      this.merged = taken.length ? this.form.texts.merged.replace("{fields}", taken.join(this.form.texts.comma)) : "";
      again();
      return;
    }
    this.show(left.length ? result : { ...result, message: this.form.texts.changed_meanwhile });
    showConflict(this.form, this.errors, { ...result, differences: left, taken }, { save: again, reload: () => this.reload() });
  }

  refused(result, action, button) {
    this.form.element.querySelector("[name=_key]").value = newKey(); // whatever is sent next is another save
    this.show(result);
    if (result.differences) showConflict(this.form, this.errors, result, { save: () => this.send(action, button), reload: () => this.reload() });
  }

  // Too large to be read at all, so the server cannot name the field: the longest text is the one to shorten.
  tooLong() {
    const lengths = [...this.form.open].map((name) => [name, plain(this.form.record[name]).length]);
    const [where, length] = lengths.reduce((most, item) => (item[1] > most[1] ? item : most), ["", 0]);
    const field = this.form.fields.get(where);
    if (!field) return [];
    const message = this.form.texts.longest.replace("{label}", field.label).replace("{number}", length.toLocaleString("en"));
    return [{ where, message }];
  }

  async leave(result) {
    this.form.dirty = false;
    this.form.draft.drop();
    await this.form.offline?.drop();
    if (this.form.quick) {
      this.form.quick.made(result.location);
      return;
    }
    keepTab();
    sessionStorage.setItem("guiju-toast", [result.message, this.merged].filter(Boolean).join(" "));
    window.location.assign(result.location);
  }

  // The draft was saved, submitting it was refused: the record's own page opens and says why.
  async carry(result) {
    this.form.dirty = false;
    this.form.draft.drop();
    await this.form.offline?.drop();
    keepTab();
    sessionStorage.setItem(CARRIED, JSON.stringify(result));
    if (window.location.pathname === new URL(result.location, window.location).pathname) window.location.reload();
    else window.location.replace(result.location);
  }

  showCarried() {
    const carried = JSON.parse(sessionStorage.getItem(CARRIED) || "null");
    sessionStorage.removeItem(CARRIED);
    if (carried && window.location.pathname === new URL(carried.location, window.location).pathname) this.show(carried);
  }

  async reload() {
    this.form.dirty = false;
    this.form.draft.drop();
    await this.form.offline?.drop();
    window.location.reload();
  }

  // Every fault in one place, each leading to its field.
  show(result) {
    this.clear();
    this.form.quick?.showAll((result.faults || []).map((fault) => fault.where));
    const head = document.createElement("p");
    head.append(Object.assign(document.createElement("strong"), { textContent: result.summary || result.message || this.form.texts.failed }));
    const list = document.createElement("ul");
    list.append(...this.lines(result.faults || []));
    for (const record of result.referring || []) list.append(this.referring(record));
    this.errors.replaceChildren(head, list);
    this.errors.hidden = false;
    this.errors.focus({ preventScroll: true });
    this.errors.scrollIntoView({ block: "start" });
  }

  // A record that keeps this one from being deleted or cancelled, to be opened beside it.
  referring({ doctype, name, label }) {
    const href = `/form/${encodeURIComponent(doctype)}/${encodeURIComponent(name)}`;
    const line = Object.assign(document.createElement("li"), { className: "referring" });
    line.append(Object.assign(document.createElement("a"), { href, target: "_blank", rel: "noopener", textContent: `${label} ${name}` }));
    return line;
  }

  // What is wrong alike in many rows is one line, which leads to the first of them; each of their cells is marked.
  lines(faults) {
    const alike = new Map();
    for (const fault of faults) {
      const [, table, row, column] = CELL.exec(fault.where || "") || [];
      const key = column ? `${table}.${column} ${fault.message.replace(Number(row) + 1, "#")}` : fault;
      alike.set(key, [...(alike.get(key) || []), fault]);
    }
    return [...alike.values()].flatMap((group) => (group.length > MANY ? [this.together(group)] : group.map((fault) => this.line(fault))));
  }

  together(group) {
    const [first] = group.map((fault) => this.line(fault));
    const rows = group.slice(1).map((fault) => Number(CELL.exec(fault.where)[2]) + 1);
    first.append(this.form.texts.alike_in_rows.replace("{rows}", spansOf(rows)));
    return first;
  }

  line(fault) {
    const line = document.createElement("li");
    if (!fault.where || !this.target(fault.where)) {
      line.textContent = fault.message;
      return line;
    }
    const link = Object.assign(document.createElement("a"), { href: "#", textContent: fault.message });
    this.leads(link, fault.where);
    line.append(link);
    this.mark(fault);
    return line;
  }

  leads(link, where) {
    link.addEventListener("click", (event) => { event.preventDefault(); this.jump(where); });
  }

  clear() {
    for (const place of this.form.element.querySelectorAll(".field-error")) place.hidden = true;
    for (const marked of this.form.element.querySelectorAll("[aria-invalid], .has-error")) {
      marked.removeAttribute("aria-invalid");
      marked.classList.remove("has-error");
    }
  }

  // The cell of a row (`items[2].rate`), else the field.
  target(where) {
    return this.form.element.querySelector(`td[data-where="${CSS.escape(where)}"]`) || this.form.box(where.split("[")[0]);
  }

  mark(fault) {
    const target = this.target(fault.where);
    markTab(target);
    target.closest("[data-fold]")?.setAttribute("open", "");
    if (target.tagName === "TD") {
      target.classList.add("has-error");
      target.title = fault.message;
      target.querySelector("input, select, textarea")?.setAttribute("aria-invalid", "true");
      return;
    }
    const place = document.getElementById(`e-${fault.where.split("[")[0]}`);
    if (!place) return;
    place.textContent = fault.message;
    place.hidden = false;
    const input = this.form.input(fault.where);
    input?.setAttribute("aria-invalid", "true");
    input?.setAttribute("aria-describedby", place.id);
  }

  jump(where) {
    const target = this.target(where);
    const panel = target?.closest("[data-panel]");
    if (panel) showTab(panel.dataset.panel);
    target?.closest("[data-fold]")?.setAttribute("open", "");
    target?.scrollIntoView({ block: "center" });
    (target?.querySelector("[contenteditable=true]") || target?.querySelector("input:not([type=hidden]), select, textarea, button:not(.help-mark)"))?.focus();
  }
}

function newKey() {
  return crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`;
}
