// Sends what was saved without network, in its order. Each save carries its key, so one that is cut off and sent again happens once;
// what the server refuses stays, with its answer, until the person has mended or discarded it, and holds back what comes after it for
// the same record. Who is signed in, and what they may do, is judged by the server as for every other save.
import { isAnswered } from "./answered.js";
import { pendingIn } from "./offline-files.js";
import { addFile, entries, readFile, settle } from "./offline-store.js";

const QUEUE_TAG = "guiju-queue"; // heard by the service worker, also when no page is open
const LATER = new Set([408, 425, 429, 502, 503, 504]);

// Resolves to { reached, signedIn, sent, places }: whether the server answered, to its owner, how many saves it took and where each
// (by its id) is now. One page, or the service worker, at a time.
export function sync(user) {
  const run = () => new Round(user).run();
  return navigator.locks ? navigator.locks.request("guiju-sync", run) : run();
}

// Have the browser send what waits as soon as there is a network, where it can; elsewhere an open page does (offline.js).
export async function sendInBackground() {
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => null);
  await registration?.sync?.register(QUEUE_TAG).catch(() => {}); // switched off by its user
}

class Round {
  constructor(user) {
    this.user = user;
    this.sent = 0;
    this.places = new Map();
  }

  async run() {
    const waiting = (await entries(this.user)).some((entry) => entry.state === "waiting");
    const session = waiting ? await ask("/mine/session") : { ok: true };
    if (!session) return { reached: false, signedIn: false, sent: 0, places: this.places };
    if (!waiting) return { reached: true, signedIn: true, sent: 0, places: this.places };
    const { user, csrf } = session.ok ? await session.json().catch(() => ({})) : {};
    if (user !== this.user) return { reached: true, signedIn: false, sent: 0, places: this.places };
    this.csrf = csrf;
    return { reached: await this.sendAll(), signedIn: true, sent: this.sent, places: this.places };
  }

  async sendAll() {
    const held = new Set();
    for (;;) {
      const next = (await entries(this.user)).find((entry) => {
        if (entry.state !== "waiting") held.add(entry.record);
        return !held.has(entry.record);
      });
      if (!next) return true;
      if (!(await this.send(next))) return false;
    }
  }

  // Whether to go on: not when there is no network, or the server asks for patience.
  async send(entry) {
    const refusal = await this.upload(entry);
    if (refusal === null) return false;
    if (refusal) return this.refuse(entry, refusal);
    const body = new FormData();
    for (const [name, value] of entry.fields) body.append(name, value);
    body.set("_replay", "1");
    body.set("_waited", String(Math.max(0, Math.round((Date.now() - entry.at) / 1000))));
    body.set("csrf_token", this.csrf);
    const answer = await this.post(entry.address, body);
    if (!answer) return false;
    const result = (await answer.json().catch(() => null)) || {};
    if (!answer.ok || !result.ok) return this.refuse(entry, result);
    await this.done(entry, result);
    return true;
  }

  async post(address, body) {
    const headers = { Accept: "application/json", "X-CSRF-Token": this.csrf };
    const answer = await fetch(address, { method: "POST", body, headers }).catch(() => null);
    return answer && answer.status !== 401 && !LATER.has(answer.status) ? answer : null;
  }

  // Its files first; each address is kept before the next step, so that none is sent twice. "" when all are there, null to try later.
  async upload(entry) {
    for (const { id, address } of pendingIn(JSON.stringify(entry.fields))) {
      const file = await readFile(id);
      if (!file) return { message: `${decodeURIComponent(address.split("/").pop())}: ✕`, faults: [] };
      for (const step of [() => this.uploadOriginal(file, entry), () => this.uploadOne(file, entry, address)]) {
        const refusal = await step();
        if (refusal !== "") return refusal;
      }
    }
    return "";
  }

  // The picture that was drawn on, where it too waits here.
  async uploadOriginal(file, entry) {
    const [origin] = pendingIn(file.from || "");
    const first = origin && (await readFile(origin.id));
    return first ? this.uploadOne(first, entry, origin.address, (address) => addFile(Object.assign(file, { from: address }))) : "";
  }

  // Answers as `upload` does; `taken` is told the new address before the file is forgotten here.
  async uploadOne(file, entry, address, taken = () => {}) {
    const body = new FormData();
    body.append("file", file.blob, file.filename);
    body.append("doctype", entry.doctype);
    if (file.from?.startsWith("/files/")) body.append("marked_from", file.from.split("/")[2]);
    const answer = await this.post("/upload", body);
    if (!answer) return null;
    const result = (await answer.json().catch(() => null)) || {};
    if (!answer.ok) return result;
    await taken(result.address);
    for (const part of ["fields", "changed"]) entry[part] = JSON.parse(JSON.stringify(entry[part]).replaceAll(address, result.address));
    await settle({ keep: [entry], files: [file.id] });
    return "";
  }

  // What comes after it for the same record is made on top of it: it goes to the address and the version that this save gave.
  async done(entry, { location, version }) {
    this.sent += 1;
    this.places.set(entry.id, location);
    const later = (await entries(this.user)).filter((other) => other.record === entry.record && other.id !== entry.id);
    const saved = decodeURIComponent(location).replace(/^\/form\//, "");
    for (const other of later) {
      Object.assign(other, { record: saved, address: location, page: location });
      other.fields = other.fields.filter(([name]) => name !== "_name" && (name !== "_version" || version === null));
      other.fields.push(["_name", saved.slice(saved.indexOf("/") + 1)]);
      if (version !== null) other.fields.push(["_version", String(version)]);
    }
    await settle({ keep: later, forget: [entry.id] });
  }

  // A submission that was refused has saved its draft: from now on it is about that record.
  async refuse(entry, result) {
    const kept = [entry];
    const { record } = entry;
    Object.assign(entry, { state: result.differences ? "conflict" : "refused", answer: result });
    if (result.location) {
      const saved = decodeURIComponent(result.location).replace(/^\/form\//, "");
      kept.push(...(await entries(this.user)).filter((other) => other.record === record && other.id !== entry.id));
      for (const one of kept) Object.assign(one, { record: saved, address: result.location, page: result.location });
      entry.isSaved = true;
    }
    await settle({ keep: kept });
    return true;
  }
}

async function ask(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
  return isAnswered(answer) ? answer : null;
}
