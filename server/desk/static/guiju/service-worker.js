// The service worker: the program's files kept by release, the pages that offline-keep.js put by, and what is shown without network.
// The server puts RELEASE and FILES before it. The network comes first for every page: a kept one is shown only when there is none,
// and only for whoever `/kept/owner` in the same cache names. Signing out, or the sign-in page, deletes that cache as a whole.
const SHELL = `guiju-shell-${RELEASE}`;
const KEPT = "guiju-kept";
const LEAVING = "guiju-leaving"; // somebody signed out without network: the server is told before anything else is shown
const PATIENCE_MS = 7000; // a bar of signal that brings nothing is no network
const MOST_CHOICES = 12;
const QUEUE_TAG = "guiju-queue"; // offline-sync.js registers it

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("guiju-shell-") && name !== SHELL);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/") || url.pathname.startsWith("/assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && !/^\/(files|print)\//.test(url.pathname)) event.respondWith(page(request));
  else if (/^\/link\/[^/]+$/.test(url.pathname)) event.respondWith(choices(request, url));
});

// The network is back, and perhaps no page is open. Thrown, so that the browser tries again later, where the server is not reached.
self.addEventListener("sync", (event) => {
  if (event.tag === QUEUE_TAG) event.waitUntil(sendQueue());
});

async function sendQueue() {
  if (await isLeaving()) throw new Error("the server is not reached");
  const session = await fetch("/mine/session", { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!sending.isAnswered(session)) throw new Error("the server is not reached");
  if (!session.ok) return; // nobody is signed in: what waits is sent from a page, when its owner is
  const { reached, sent } = await sending.sync((await session.json()).user);
  for (const client of await self.clients.matchAll()) client.postMessage({ sent });
  if (!reached) throw new Error("the server is not reached");
}

// A file carries its version in its address, so a kept one is never old; without network a page kept before an update takes the new one.
async function file(request) {
  const cache = await caches.open(SHELL);
  const found = await cache.match(request);
  if (found) return found;
  return fetch(request).catch(async () => (await cache.match(request, { ignoreSearch: true })) || Response.error());
}

async function page(request) {
  if (await isLeaving()) return noNetwork();
  const network = fetch(request).then((answer) => (sending.isAnswered(answer) ? answer : Promise.reject(answer)));
  const kept = await keptPage(request.url);
  if (!kept) return network.catch(noNetwork);
  return Promise.race([network.catch(() => kept), new Promise((done) => setTimeout(done, PATIENCE_MS, kept))]);
}

async function keptPage(address) {
  if (!(await caches.has(KEPT))) return null;
  const cache = await caches.open(KEPT);
  const owner = await (await cache.match("/kept/owner"))?.json();
  return owner && owner.until > Date.now() ? cache.match(address) : null;
}

async function noNetwork() {
  return (await (await caches.open(SHELL)).match("/offline")) || Response.error();
}

// Whether the server still has to be told that somebody signed out; told now where there is a network.
async function isLeaving() {
  if (!(await caches.has(LEAVING))) return false;
  const cache = await caches.open(LEAVING);
  const { csrf } = (await (await cache.match("/kept/leaving"))?.json()) || {};
  const told = await fetch("/logout", { method: "POST", headers: { "X-CSRF-Token": csrf, Accept: "application/json" }, redirect: "manual" }).catch(() => null);
  if (!sending.isAnswered(told)) return true;
  await caches.delete(LEAVING);
  return false;
}

// A link field without network: the choices that were kept, searched here.
async function choices(request, url) {
  const answer = await fetch(request).catch(() => null);
  if (sending.isAnswered(answer)) return answer;
  const cache = (await caches.has(KEPT)) && (await caches.open(KEPT));
  const kept = cache && (await cache.match(url.pathname.replace("/link/", "/mine/choices/")));
  if (!kept) return Response.error();
  const words = (url.searchParams.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const all = (await kept.json()).choices;
  const found = all.filter((choice) => words.every((word) => `${choice.value} ${choice.title} ${choice.description}`.toLowerCase().includes(word)));
  return Response.json({ choices: found.slice(0, MOST_CHOICES), may_create: false });
}
