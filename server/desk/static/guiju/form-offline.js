// The form without network, for records of DocTypes marked `offline`: a save that the server does not answer is kept in this browser
// (offline-store.js) and sent later (offline-sync.js); opened again, the form shows what waits, or what the server said against it.
import { readable } from "./form-values.js";
import { keepFile, loadFiles, pendingIn } from "./offline-files.js";
import { isKept } from "./offline-keep.js";
import { add, addFile, entries, readFile, settle } from "./offline-store.js";
import { sendInBackground, sync } from "./offline-sync.js";

const STEP = "flow-"; // a step of the workflow that the page offered; whether it may be taken is judged when it arrives
const SIGN = "sign"; // not sent: a signature takes a password, which is never kept

export async function setUpOffline(form, saver) {
  if (!form.page.offline || !("indexedDB" in window)) return;
  form.offline = new OfflineForm(form, saver);
  await form.offline.restore();
}

class OfflineForm {
  constructor(form, saver) {
    this.form = form;
    this.saver = saver;
    this.user = form.page.user.name;
    this.words = JSON.parse(document.querySelector("[data-sync]")?.dataset.words || "{}");
    const asked = new URLSearchParams(window.location.hash.slice(1)).get("kept");
    this.record = form.page.isNew ? asked || `new:${crypto.randomUUID()}` : `${form.page.meta.doctype}/${form.page.record.name}`;
    this.applied = [];
    this.isOn = isKept(); // elsewhere a lost connection is told, and the form waits as it stands
    this.freshKey();
  }

  // A kept page holds the key of the day it was kept; every form that is opened is another save.
  freshKey() {
    this.form.element.querySelector("[name=_key]").value = crypto.randomUUID();
  }

  takes(action) {
    return this.isOn && (["save", "submit"].includes(action) || action.startsWith(STEP));
  }

  keepFile(blob, filename, from) {
    return keepFile(this.user, blob, filename, from);
  }

  // Whether the form holds a file that the server has not got: then saving goes through the queue, files first.
  holdsFiles(body) {
    return [...body.values()].some((value) => typeof value === "string" && pendingIn(value).length);
  }

  // Keep a save; resolves to what came of sending it at once: {location} | {answer} | {} (it waits).
  async take(action, body, step) {
    const { form } = this;
    const replaces = this.replaced();
    const id = await add({
      ...this.entry(action, step), address: new URL(form.element.action).pathname, state: "waiting",
      fields: [...body].filter(([name, value]) => name !== "csrf_token" && typeof value === "string"), changed: form.draft.changed(), titles: [...form.titles],
    }, replaces);
    this.freshKey();
    form.dirty = false;
    form.draft.drop();
    document.dispatchEvent(new CustomEvent("guiju-queued"));
    if (!navigator.onLine) await sendInBackground();
    const places = navigator.onLine ? (await sync(this.user)).places : new Map();
    const left = (await entries(this.user)).find((entry) => entry.id === id);
    this.applied = left ? [...this.applied.filter((entry) => !replaces.includes(entry.id)), left] : [];
    document.dispatchEvent(new CustomEvent("guiju-queued"));
    return left ? { answer: left.answer } : { location: places.get(id) || "/mine" };
  }

  entry(action, step) {
    return {
      user: this.user, record: this.record, doctype: this.form.page.meta.doctype, label: document.querySelector(".breadcrumb a[href^='/list/']")?.textContent || this.form.page.meta.doctype,
      title: this.title(), page: window.location.pathname + window.location.search, action, step: action === "save" ? "" : step, at: Date.now(),
    };
  }

  // What a list of saves that wait calls this one: of several new records, each by what it is about.
  title() {
    const { form } = this;
    const heading = document.querySelector(".record-title h1").textContent;
    const field = form.page.isNew && form.fields.get(form.page.meta.title_field);
    return [heading, field && readable(form, field, form.record[field.fieldname])].filter(Boolean).join(" · ");
  }

  // What is kept now holds what was typed before: it takes the place of what was refused, and of a step that has not been sent.
  replaced() {
    if (this.applied.some((entry) => entry.state !== "waiting")) return this.applied.map((entry) => entry.id);
    return this.applied.filter((entry) => entry.step).map((entry) => entry.id);
  }

  // Somebody wants to sign and the server is not there: it is noted in its place among the saves, and asked for later on this page.
  async wantsSignature(address, label) {
    const noted = (await this.toSign()).some((entry) => entry.address === address);
    if (!noted) await add({ ...this.entry(SIGN, label), address, state: SIGN, fields: [], changed: {} });
    document.dispatchEvent(new CustomEvent("guiju-queued"));
    this.form.toast(this.words.queued_sign);
    await this.asksToSign();
  }

  async toSign() {
    return (await entries(this.user)).filter((entry) => entry.record === this.record && entry.state === SIGN);
  }

  async signed() {
    await settle({ forget: (await this.toSign()).map((entry) => entry.id) });
  }

  // The notice that leads to the signature; gone where the page, as the server gives it, offers none any more.
  async asksToSign() {
    document.querySelector("[data-to-sign]")?.remove();
    const links = (await this.toSign()).map((entry) => [entry, document.querySelector(`a[href="${CSS.escape(entry.address)}"]`)]);
    for (const [entry, link] of links) if (!link) await settle({ forget: [entry.id] });
    const way = links.map(([, link]) => link).find(Boolean);
    if (!way) return;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button small primary", textContent: this.words.sign_now });
    button.addEventListener("click", () => way.click());
    const banner = Object.assign(document.createElement("p"), { className: "banner banner-info", textContent: `${this.words.queued_sign} ` });
    banner.dataset.toSign = "";
    banner.append(button);
    document.getElementById("errors").after(banner);
  }

  // The server has the record's newest state: what was kept of it is settled.
  async drop() {
    const gone = (await entries(this.user)).filter((entry) => entry.record === this.record && entry.state !== SIGN).map((entry) => entry.id);
    if (gone.length) await settle({ forget: gone });
    this.applied = [];
  }

  // Browsers write their small store to the disk seconds later; on a phone that is in use without network, a draft is written at once.
  keepDraft(key, text) {
    if (this.isOn) addFile({ id: `draft:${key}`, user: this.user, text });
  }

  dropDraft(key) {
    settle({ files: [`draft:${key}`] });
  }

  async restoreDraft() {
    const { key } = this.form.draft;
    const text = localStorage.getItem(key) || (await readFile(`draft:${key}`))?.text;
    if (!text) return;
    await loadFiles(text);
    if (localStorage.getItem(key)) return; // offered already
    localStorage.setItem(key, text);
    this.form.draft.offer();
  }

  async restore() {
    if (this.isOn) await this.restoreDraft();
    await this.asksToSign();
    const mine = () => entries(this.user).then((all) => all.filter((entry) => entry.record === this.record && entry.state !== SIGN));
    let kept = await mine();
    if (kept.some((entry) => entry.state === "waiting") && navigator.onLine) {
      const { places } = await sync(this.user);
      const place = kept.map((entry) => places.get(entry.id)).find(Boolean);
      if (place) { window.location.replace(place); return; } // the record as it is now
      kept = await mine();
      if (!kept.length) { window.location.replace(this.form.page.isNew ? "/mine" : window.location.pathname); return; } // sent in the background
    }
    if (!kept.length) return;
    this.applied = kept;
    await loadFiles(JSON.stringify(kept.map((entry) => entry.changed)));
    for (const entry of kept) if (!entry.isSaved) this.form.draft.restore(entry);
    this.form.dirty = false;
    this.notice(kept);
    const refused = kept.find((entry) => entry.answer);
    if (refused) this.saver.refused(refused.answer, refused.action, null);
  }

  notice(kept) {
    const refused = kept.find((entry) => entry.state !== "waiting");
    const { at, step } = refused || kept.at(-1);
    const text = this.words[refused ? "here_refused" : step ? "here_step" : "here_waiting"].replace("{at}", this.form.draft.moment(at)).replace("{step}", step);
    const banner = Object.assign(document.createElement("p"), { className: `banner banner-${refused ? "warning" : "info"}`, textContent: text });
    banner.dataset.keptHere = "";
    document.getElementById("errors").after(banner);
  }
}
