// Without network: registers the service worker, shows "offline / n waiting / synced" in the bar, sends what waits when there is a
// network again (the service worker does where no page is open), and clears this device when somebody signs out.
import { isAnswered } from "./answered.js";
import { ask } from "./form-dialog.js";
import { forget, isKept, keep } from "./offline-keep.js";
import { entries, wipe } from "./offline-store.js";
import { sendInBackground, sync } from "./offline-sync.js";

const AGAIN_MS = 30_000;
const { user } = document.body.dataset;
const state = document.querySelector("[data-sync]");
const words = state ? JSON.parse(state.dataset.words) : null;
let reached = navigator.onLine;
let signedIn = true;

if (navigator.serviceWorker) navigator.serviceWorker.register("/service-worker.js").catch(() => {}); // refused while a password must be changed
if (!user) forget(); // the sign-in page: nobody's pages stay readable here; what waits is kept for its owner
if (state) start();

function start() {
  window.addEventListener("online", () => send());
  window.addEventListener("offline", () => { reached = false; show(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  document.addEventListener("guiju-queued", show);
  navigator.serviceWorker?.addEventListener("message", ({ data }) => told(data));
  document.querySelector("form[action='/logout']")?.addEventListener("submit", leave);
  setInterval(async () => { if ((await entries(user)).some((entry) => entry.state === "waiting")) send(); }, AGAIN_MS);
  show();
  send();
}

// The service worker has sent something while this page was open.
async function told({ sent }) {
  await show();
  if (sent) document.dispatchEvent(new CustomEvent("guiju-sent", { detail: sent }));
}

async function send() {
  const outcome = navigator.onLine ? await sync(user) : { reached: false, signedIn: true, sent: 0 };
  ({ reached, signedIn } = outcome);
  await show();
  if (outcome.sent) document.dispatchEvent(new CustomEvent("guiju-sent", { detail: outcome.sent }));
  if (reached && signedIn) await keep(user, { now: outcome.sent > 0 || window.location.pathname === "/mine" });
  if (!reached && (await entries(user)).some((entry) => entry.state === "waiting")) await sendInBackground();
  document.body.dataset.kept = "1";
}

async function show() {
  const all = await entries(user);
  const waiting = all.filter((entry) => entry.state === "waiting").length;
  const toSign = all.filter((entry) => entry.state === "sign").length;
  const refused = all.length - waiting - toSign;
  const parts = [];
  if (!reached) parts.push(navigator.onLine ? words.unanswered : words.offline);
  if (reached && !signedIn && waiting) parts.push(words.signed_out);
  if (waiting) parts.push(words.waiting.replace("{number}", waiting));
  if (toSign) parts.push(words.to_sign.replace("{number}", toSign));
  if (refused) parts.push(words.refused.replace("{number}", refused));
  state.hidden = !parts.length && !isKept();
  const text = parts.join(" · ") || words.synced;
  if (state.textContent !== text) state.firstElementChild.textContent = text;
  state.dataset.sync = refused ? "refused" : parts.length ? "waiting" : "synced";
  document.dispatchEvent(new CustomEvent("guiju-entries", { detail: all }));
}

// Signing out clears what is kept here. What was never sent is sent first; what cannot be is deleted only when its owner says so.
async function leave(event) {
  event.preventDefault();
  const form = event.target;
  if (navigator.onLine) await sync(user);
  const left = (await entries(user)).length + drafts().length;
  if (left && !(await ask(words.confirm_leave.replace("{number}", left), words.leave_anyway, words))) return;
  const { csrf_token: token } = Object.fromEntries(new FormData(form));
  await forget();
  await wipe(user);
  for (const name of drafts()) localStorage.removeItem(name);
  const body = new FormData(form);
  const told = await fetch("/logout", { method: "POST", body, headers: { "X-CSRF-Token": token } }).catch(() => null);
  if (!isAnswered(told) && "caches" in window) {
    const cache = await caches.open("guiju-leaving");
    await cache.put("/kept/leaving", Response.json({ csrf: token }));
  }
  window.location.assign("/login");
}

function drafts() {
  return Object.keys(localStorage).filter((name) => name.startsWith(`guiju-draft:${user}:`));
}
