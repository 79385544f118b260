// Previous and next: which records the list showed that one came from, in its order. Kept for this browser's tab.
const TRAIL = "guiju-trail";

const read = () => JSON.parse(sessionStorage.getItem(TRAIL) || "null");
const keep = (trail) => sessionStorage.setItem(TRAIL, JSON.stringify(trail));

// The addresses of the records that a list's page shows, and of its next page.
function recordsOf(page, doctype) {
  const begins = `/form/${doctype}/`;
  const all = [...page.querySelectorAll(`main a[href^="${CSS.escape(begins)}"]`)].map((link) => link.getAttribute("href").split("#")[0]);
  const records = [...new Set(all)].filter((address) => !address.startsWith(`${begins}new`) && !address.includes("?"));
  return { records, next: page.querySelector("main a[rel=next]")?.getAttribute("href") || null };
}

const [, kind, doctype] = window.location.pathname.split("/");

if (kind === "list") {
  window.addEventListener("pagehide", () => {
    keep({ doctype, list: window.location.pathname + window.location.search, ...recordsOf(document, doctype) });
  });
}

function here() {
  const trail = kind === "form" ? read() : null;
  const at = trail?.doctype === doctype ? trail.records.indexOf(window.location.pathname) : -1;
  return at < 0 ? null : { trail, at };
}

// The list with the filters it had, else the list of the record type.
export function listOf() {
  const trail = read();
  if (!doctype || !["form", "tree"].includes(kind)) return null;
  return trail?.doctype === doctype ? trail.list : `/list/${doctype}`;
}

// The record `step` further on; the next page of the list is asked for at the end of this one.
export async function neighbour(step) {
  const found = here();
  if (!found) return null;
  const { trail, at } = found;
  if (at + step >= trail.records.length && trail.next) {
    const answer = await fetch(new URL(trail.next, new URL(trail.list, window.location.origin))).catch(() => null);
    if (!answer?.ok || answer.redirected) return null;
    const further = recordsOf(new DOMParser().parseFromString(await answer.text(), "text/html"), doctype);
    keep({ ...trail, records: [...trail.records, ...further.records.filter((address) => !trail.records.includes(address))], next: further.next && new URL(further.next, answer.url).pathname + new URL(further.next, answer.url).search });
    return read().records[at + step] || null;
  }
  return trail.records[at + step] || null;
}

// On a form: the arrows in the line of the breadcrumb, where they move nothing.
export function showTrail() {
  const place = document.querySelector("[data-trail]");
  const found = place && here();
  if (!found) return;
  const { trail, at } = found;
  const [back, forth] = place.querySelectorAll("button");
  back.disabled = at === 0;
  forth.disabled = at === trail.records.length - 1 && !trail.next;
  back.addEventListener("click", () => neighbour(-1).then((address) => address && window.location.assign(address)));
  forth.addEventListener("click", () => neighbour(1).then((address) => address && window.location.assign(address)));
  place.querySelector("[data-at]").textContent = `${at + 1} / ${trail.records.length}${trail.next ? "+" : ""}`;
  place.hidden = false;
}

showTrail();
