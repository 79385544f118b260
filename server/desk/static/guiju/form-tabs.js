// The tabs of a form: one panel at a time, arrow keys move between them.

const buttons = () => [...document.querySelectorAll("[data-tab]")];

export function showTab(key) {
  for (const button of buttons()) {
    const chosen = button.dataset.tab === key;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    document.getElementById(`panel-${button.dataset.tab}`).hidden = !chosen;
  }
}

// A fault lies behind this tab.
export function markTab(element) {
  const panel = element.closest("[data-panel]");
  if (panel) document.getElementById(`tab-${panel.dataset.panel}`)?.classList.add("has-error");
}

export function setUpTabs() {
  const all = buttons();
  all.forEach((button, index) => {
    button.addEventListener("click", () => showTab(button.dataset.tab));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = all[(index + step + all.length) % all.length];
      showTab(next.dataset.tab);
      next.focus();
    });
  });
  if (all.length) showTab(all[0].dataset.tab);
}

// Saving opens the page of the record anew: people stay on the tab on which they work.
const KEPT = "guiju-tab";
const recordType = () => window.location.pathname.split("/")[2];

export function keepTab() {
  const shown = buttons().find((button) => button.getAttribute("aria-selected") === "true");
  if (shown) sessionStorage.setItem(KEPT, JSON.stringify([recordType(), shown.dataset.tab]));
}

export function returnToTab() {
  const [type, key] = JSON.parse(sessionStorage.getItem(KEPT) || "[]");
  sessionStorage.removeItem(KEPT);
  if (type === recordType() && buttons().some((button) => button.dataset.tab === key && !button.hidden)) showTab(key);
}
