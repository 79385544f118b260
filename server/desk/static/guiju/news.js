// The bell while a page is left open: a conditional request every twenty seconds while the page is seen, at once when it is seen again.
// A request that waits (long poll, event stream) would keep one of the server's threads for every tab.
const EVERY_MS = 20_000;
const LONGEST_MS = 300_000;
const TOLD = "guiju-told"; // the last notification that any page of this browser has shown

const bell = document.querySelector("[data-news]");
const owed = document.querySelector("[data-owed]");
let wait = EVERY_MS;
let timer;
let asked = Date.now(); // the page itself came with the present numbers

function badge(link, number, quiet) {
  let found = link.querySelector(".badge");
  if (!number) { found?.remove(); return; }
  if (!found) {
    found = Object.assign(document.createElement("span"), { className: quiet ? "badge badge-quiet" : "badge" });
    link.append(found);
  }
  found.textContent = number < 100 ? number : "99+";
}

function tell(item) {
  const line = Object.assign(document.createElement("a"), { className: "toast", href: item.url, textContent: item.title });
  line.setAttribute("role", "status");
  document.querySelector("a.toast")?.remove();
  document.body.append(line);
  setTimeout(() => line.remove(), 8000);
}

async function ask() {
  clearTimeout(timer);
  asked = Date.now();
  const answer = await fetch(bell.dataset.news, { headers: { Accept: "application/json" }, cache: "no-cache" }).catch(() => null);
  if (answer?.status === 401) return; // signed out: the next page says so
  if (!answer?.ok) {
    wait = Math.min(wait * 2, LONGEST_MS);
  } else {
    wait = EVERY_MS;
    const { unread, owed: number, fresh } = await answer.json();
    badge(bell, unread, true);
    if (owed) badge(owed, number, false);
    const told = Number(localStorage.getItem(TOLD) || 0);
    const item = fresh.find((one) => one.id > told);
    if (item) {
      localStorage.setItem(TOLD, item.id);
      tell(item);
    }
  }
  next();
}

function next() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, wait);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (Date.now() - asked >= EVERY_MS) ask();
  else next();
});
if (bell) next();
