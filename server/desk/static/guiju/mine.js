// "My work": what this device still has to send, each with what the server said against it; and whether this device keeps anything.
import { ask } from "./form-dialog.js";
import { chooseKept, forget, isKept, keep } from "./offline-keep.js";
import { entries, settle } from "./offline-store.js";

const { user } = document.body.dataset;
const box = document.querySelector("[data-queue]");
const words = JSON.parse(document.querySelector("[data-mine]").dataset.mine);
const choice = document.querySelector("[data-keep]");

document.addEventListener("guiju-entries", ({ detail }) => draw(detail));
document.addEventListener("guiju-sent", () => window.location.reload());
entries(user).then(draw);

choice.checked = isKept();
choice.disabled = !("caches" in window) || !navigator.serviceWorker;
choice.addEventListener("change", async () => {
  chooseKept(choice.checked);
  if (choice.checked) await keep(user, { now: true });
  else await forget();
});

function draw(all) {
  box.hidden = !all.length;
  box.querySelector("ul").replaceChildren(...all.map(line));
  for (const mark of document.querySelectorAll("[data-record]")) {
    const held = all.filter((entry) => entry.record === mark.dataset.record);
    mark.hidden = !held.length;
    if (!held.length) continue;
    const { state } = held.find((entry) => !["waiting", "sign"].includes(entry.state)) || held[0];
    mark.className = colored(state);
    mark.textContent = words[`state_${state}`];
  }
}

function colored(state) {
  return `pill pill-${{ waiting: "blue", sign: "orange" }[state] || "red"}`;
}

function line(entry) {
  const item = document.createElement("li");
  const isNew = entry.record.startsWith("new:");
  const link = Object.assign(document.createElement("a"), { href: isNew ? `${entry.page}#kept=${encodeURIComponent(entry.record)}` : entry.page });
  link.append(Object.assign(document.createElement("strong"), { textContent: entry.title }));
  const about = [entry.label, entry.step, new Date(entry.at).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short" })].filter(Boolean).join(" · ");
  link.append(Object.assign(document.createElement("small"), { className: "muted", textContent: about }));
  const mark = Object.assign(document.createElement("span"), { className: colored(entry.state), textContent: words[`state_${entry.state}`] });
  item.append(link, mark);
  if (entry.answer) item.append(Object.assign(document.createElement("p"), { className: "field-error", textContent: [entry.answer.message, ...(entry.answer.faults || []).map((fault) => fault.message)].join(" ") }));
  const discard = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: words.discard });
  discard.addEventListener("click", async () => {
    if (!(await ask(words.confirm_discard.replace("{title}", entry.title), words.discard, words))) return;
    await settle({ forget: [entry.id] });
    document.dispatchEvent(new CustomEvent("guiju-queued"));
  });
  item.append(discard);
  return item;
}
