// The shell: search as you type (keys are in keys.js), menus that close, modules that stay folded, the drawer of the phone, a message carried over a page change.
const search = document.querySelector("[data-search]");
const results = document.querySelector("[data-search-results]");

if (search) {
  let timer;
  let asked = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 180);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") results.hidden = true;
    if (event.key === "ArrowDown" && !results.hidden) {
      event.preventDefault();
      results.querySelector("a")?.focus();
    }
  });
  results.addEventListener("keydown", (event) => {
    const links = [...results.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { results.hidden = true; search.focus(); }
    if (!step) return;
    event.preventDefault();
    (links[links.indexOf(document.activeElement) + step] || search).focus();
  });
  document.addEventListener("click", (event) => { if (!search.form.contains(event.target)) results.hidden = true; });

  const look = async () => {
    const number = ++asked;
    if (!search.value.trim()) { results.hidden = true; return; }
    const answer = await fetch(`/search?q=${encodeURIComponent(search.value.trim())}`, { headers: { Accept: "application/json" } });
    if (number !== asked || !answer.ok || answer.redirected) return;
    const { found, more } = await answer.json();
    results.replaceChildren(...found.map((item) => {
      const line = document.createElement("li");
      const link = Object.assign(document.createElement("a"), { href: item.url, textContent: item.title });
      link.append(Object.assign(document.createElement("small"), { textContent: `${item.doctype} ${item.title === item.name ? "" : item.name}` }));
      line.append(link);
      return line;
    }));
    if (more) {
      const all = Object.assign(document.createElement("li"), { className: "choices-all" });
      all.append(Object.assign(document.createElement("a"), { href: more.url, textContent: more.title }));
      results.append(all);
    }
    results.hidden = !found.length;
  };
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest("details.menu[open]");
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.querySelector(".bar-menu")?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === " ") document.getElementById("drawer").click();
});
document.querySelector("[data-back]")?.addEventListener("click", () => window.history.back());

// Which modules somebody folded or opened is remembered in this browser; the link to the page itself is never folded away.
const MODULES = "guiju-modules";
const modules = JSON.parse(localStorage.getItem(MODULES) || "{}");
for (const group of document.querySelectorAll(".side-module")) {
  const { module } = group.dataset;
  if (module in modules && !group.querySelector(".is-here")) group.open = modules[module];
  group.querySelector("summary").addEventListener("click", () => {
    modules[module] = !group.open;
    localStorage.setItem(MODULES, JSON.stringify(modules));
  });
}
document.querySelector(".side .is-here")?.scrollIntoView({ block: "nearest" });

const message = sessionStorage.getItem("guiju-toast");
if (message) {
  sessionStorage.removeItem("guiju-toast");
  const line = Object.assign(document.createElement("div"), { className: "toast", textContent: message });
  line.setAttribute("role", "status");
  document.body.append(line);
  setTimeout(() => line.remove(), 4000);
}

// What cannot be taken back is asked once more.
for (const button of document.querySelectorAll("[data-sure]")) {
  button.addEventListener("click", (event) => { if (!window.confirm(button.dataset.sure)) event.preventDefault(); });
}
