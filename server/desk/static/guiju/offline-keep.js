// Which pages this device keeps for the day without network, and for whom. One cache holds one person's pages and their name; it goes
// as a whole when they sign out, when somebody else signs in, and when the server shows the sign-in page.
import { entries } from "./offline-store.js";

export const KEPT = "guiju-kept";
const CHOICE = "guiju-keep"; // on, off; else: on touch screens
const EVERY_MS = 300_000;
const OWNER = "/kept/owner";

export function isKept() {
  if (!("caches" in window)) return false;
  const chosen = localStorage.getItem(CHOICE);
  return chosen ? chosen === "on" : window.matchMedia("(pointer: coarse)").matches;
}

export function chooseKept(on) {
  localStorage.setItem(CHOICE, on ? "on" : "off");
}

export async function forget() {
  if ("caches" in window) await caches.delete(KEPT);
}

async function readOwner(cache) {
  return (await (await cache.match(OWNER))?.json()) || { pages: {}, at: 0 };
}

// Take what is new or changed from the server; `now` without waiting for the next turn.
export async function keep(user, { now = false } = {}) {
  if (!isKept()) return;
  let cache = await caches.open(KEPT);
  let owner = await readOwner(cache);
  if (owner.user && owner.user !== user) {
    await forget();
    cache = await caches.open(KEPT);
    owner = { pages: {}, at: 0 };
  }
  if (!now && Date.now() - owner.at < EVERY_MS) return;
  const answer = await fetch("/mine/kept", { headers: { Accept: "application/json" } }).catch(() => null);
  const plan = answer?.ok ? await answer.json() : null;
  if (!plan || plan.user !== user) return;
  const until = Date.now() + plan.hours * 3_600_000;
  const pages = {};
  const tell = () => cache.put(OWNER, Response.json({ user, until, csrf: plan.csrf, pages, at: Date.now() }));
  await take(cache, "/mine");
  for (const [address, stamp] of Object.entries(plan.pages)) {
    if (owner.pages[address] === stamp || (await take(cache, address))) pages[address] = stamp;
  }
  await tell();
  for (const doctype of plan.choices) await take(cache, `/mine/choices/${encodeURIComponent(doctype)}`);
  const waiting = (await entries(user)).map((entry) => entry.page); // to be opened again even where the plan has lost them
  const wanted = new Set([OWNER, ...waiting, "/mine", ...Object.keys(plan.pages), ...plan.choices.map((doctype) => `/mine/choices/${encodeURIComponent(doctype)}`)]);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!wanted.has(pathname + search)) await cache.delete(request);
  }
  navigator.storage?.persist?.();
}

// A page that the server refuses, or answers with another one (sign in), is not kept. Whether it was.
async function take(cache, address) {
  const answer = await fetch(address, { headers: { "X-Kept": "1" }, cache: "no-store" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  await cache.put(address, answer);
  return true;
}
