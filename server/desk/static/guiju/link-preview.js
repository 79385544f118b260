// A glimpse of the record behind a link: its title and main fields, when the pointer rests on it or the focus comes to it by key.
// It goes with Escape and stays while the pointer is on it (WCAG 1.4.13).

const REST = 350; // milliseconds that the pointer rests before anything is asked
const LINKS = '#record a[href^="/form/"]:not([href*="/new"], [href*="?"]), .record-side a[href^="/form/"]:not([href*="/new"], [href*="?"])';

const known = new Map(); // address -> what was answered
let card = null;
let link = null;
let timer = null;

async function ask(address) {
  if (!known.has(address)) {
    const answer = await fetch(address.replace(/^\/form\//, "/preview/"), { headers: { Accept: "application/json" } }).catch(() => null);
    known.set(address, answer?.ok && !answer.redirected ? await answer.json().catch(() => null) : null);
  }
  return known.get(address);
}

const make = (tag, properties, ...parts) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...parts);
  return element;
};

function draw(found) {
  const head = make("p", { className: "glimpse-head" }, make("strong", { textContent: found.title }));
  if (found.status) head.append(make("span", { className: "pill", textContent: found.status }));
  const fields = make("dl", {}, ...found.fields.flatMap(([label, text]) => [make("dt", { textContent: label }), make("dd", { textContent: text })]));
  return make("div", { id: "glimpse", className: "glimpse" }, head, make("p", { className: "muted", textContent: found.note }), ...(found.fields.length ? [fields] : []));
}

function place() {
  const at = link.getBoundingClientRect();
  const below = window.innerHeight - at.bottom > card.offsetHeight + 10 || at.top < card.offsetHeight;
  card.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - card.offsetWidth - 8))}px`;
  card.style.top = `${below ? at.bottom + 4 : at.top - card.offsetHeight - 4}px`;
}

async function show(target) {
  const found = await ask(target.getAttribute("href").split("#")[0]);
  if (!found || link !== target) return;
  card?.remove();
  card = draw(found);
  card.setAttribute("role", "tooltip");
  card.addEventListener("pointerleave", hideSoon);
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  (target.closest("dialog") || document.body).append(card);
  target.setAttribute("aria-describedby", card.id);
  place();
}

function hide() {
  clearTimeout(timer);
  link?.removeAttribute("aria-describedby");
  card?.remove();
  card = link = null;
}

function hideSoon() {
  clearTimeout(timer);
  timer = setTimeout(hide, 180);
}

function showSoon(target) {
  if (target === link) { clearTimeout(timer); return; }
  hide();
  link = target;
  timer = setTimeout(() => show(target), REST);
}

document.addEventListener("pointerover", (event) => {
  const target = event.pointerType === "mouse" && event.target.closest?.(LINKS);
  if (target) showSoon(target);
  else if (link && !card?.contains(event.target)) hideSoon();
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(LINKS) && event.target.matches(":focus-visible")) showSoon(event.target);
  else if (link) hideSoon();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && card) { event.preventDefault(); hide(); } }, { capture: true });
document.addEventListener("scroll", hide, { capture: true, passive: true });
