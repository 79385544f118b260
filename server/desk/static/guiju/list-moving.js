// Cards of a board and records of a calendar: moved by dragging, by keys, by a choice. The server decides; what it refuses goes back
// to where it was, with the reason.
const board = document.querySelector("[data-board][data-may-move]");
const calendar = document.querySelector("[data-calendar][data-may-move]");

function tell(text, kind) {
  for (const old of document.querySelectorAll(".toast")) old.remove();
  const line = Object.assign(document.createElement("div"), { className: `toast toast-${kind}`, textContent: text });
  line.setAttribute("role", kind === "error" ? "alert" : "status");
  document.body.append(line);
  setTimeout(() => line.remove(), kind === "error" ? 9000 : 3000);
}

async function send(place, name, values) {
  const address = `/move/${encodeURIComponent(place.dataset.doctype)}/${encodeURIComponent(name)}`;
  const body = new URLSearchParams({ by: place.dataset.by, ...values });
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json", "X-CSRF-Token": place.dataset.csrf } }).catch(() => null);
  if (answer?.ok) return true;
  const result = answer ? await answer.json().catch(() => ({})) : { message: place.dataset.offline };
  const faults = (result.faults || []).map((fault) => fault.message);
  tell([...new Set([result.message, ...faults])].filter(Boolean).join(" "), "error");
  return false;
}

// The board

function place(card, lane, before) {
  const list = lane.querySelector("[data-cards]");
  list.insertBefore(card, before && before.parentNode === list ? before : list.firstElementChild);
  const choice = card.querySelector("select");
  if (choice) choice.value = lane.dataset.lane;
}

function count(lane, change) {
  const said = lane.querySelector("[data-lane-count]");
  said.textContent = Number(said.textContent) + change;
}

async function moveCard(card, from, to, back) {
  if (from === to || !to.dataset.lane) { place(card, from, back); return; }
  count(from, -1);
  count(to, 1);
  card.classList.add("is-busy");
  const done = await send(board, card.dataset.card, { to: to.dataset.lane });
  card.classList.remove("is-busy");
  if (done) return;
  place(card, from, back);
  count(from, 1);
  count(to, -1);
}

if (board) {
  for (const card of board.querySelectorAll("[data-card]")) {
    card.tabIndex = 0;
    const choice = card.querySelector("select");
    choice.form.querySelector("button").hidden = true;
    choice.addEventListener("change", () => {
      const from = card.closest("[data-lane]");
      const to = [...board.querySelectorAll("[data-lane]")].find((lane) => lane.dataset.lane === choice.value);
      const back = card.nextElementSibling;
      place(card, to);
      moveCard(card, from, to, back);
    });
    card.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!event.altKey || !step) return;
      event.preventDefault();
      const lanes = [...board.querySelectorAll("[data-lane]")];
      const from = card.closest("[data-lane]");
      const to = lanes[lanes.indexOf(from) + step];
      if (!to) return;
      const back = card.nextElementSibling;
      place(card, to);
      card.focus();
      moveCard(card, from, to, back);
    });
  }
  const drag = () => {
    for (const list of board.querySelectorAll("[data-cards]")) {
      let back = null;
      window.Sortable?.create(list, {
        group: "cards", sort: false, animation: 120, delay: 150, delayOnTouchOnly: true, filter: "select, a button", preventOnFilter: false,
        onStart: (event) => { back = event.item.nextElementSibling; },
        onEnd: (event) => {
          const [from, to] = [event.from, event.to].map((each) => each.closest("[data-lane]"));
          if (from === to) return;
          const choice = event.item.querySelector("select");
          if (choice) choice.value = to.dataset.lane;
          moveCard(event.item, from, to, back);
        },
      });
    }
  };
  if (document.readyState === "complete") drag();
  else window.addEventListener("load", drag);
}

// The calendar

const DAY = 86400000;
const KEYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

async function moveEntry(entry, to) {
  const line = entry.closest("li");
  const from = line.closest("[data-day]");
  if (!to || to === from) return;
  const [list, back] = [line.parentNode, line.nextElementSibling];
  to.querySelector("ul").append(line);
  for (const day of [from, to]) day.classList.toggle("is-empty", !day.querySelector("li"));
  entry.focus();
  if (await send(calendar, entry.dataset.entry, { kind: "day", to: to.dataset.day, end: calendar.dataset.end })) return;
  list.insertBefore(line, back);
  for (const day of [from, to]) day.classList.toggle("is-empty", !day.querySelector("li"));
}

if (calendar) {
  let dragged = null;
  calendar.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-entry]");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged?.dataset.entry || "");
  });
  for (const day of calendar.querySelectorAll("[data-day]")) {
    day.addEventListener("dragover", (event) => { if (dragged) { event.preventDefault(); day.classList.add("is-target"); } });
    day.addEventListener("dragleave", () => day.classList.remove("is-target"));
    day.addEventListener("drop", (event) => {
      event.preventDefault();
      day.classList.remove("is-target");
      if (dragged) moveEntry(dragged, day);
      dragged = null;
    });
  }
  calendar.addEventListener("keydown", (event) => {
    const entry = event.target.closest("[data-entry]");
    if (!entry || !event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    const day = new Date(new Date(`${entry.closest("[data-day]").dataset.day}T00:00:00Z`).getTime() + KEYS[event.key] * DAY);
    moveEntry(entry, calendar.querySelector(`[data-day="${day.toISOString().slice(0, 10)}"]`));
  });
}

for (const choice of document.querySelectorAll("[data-submits]")) {
  choice.form.querySelector("[data-submit]").hidden = true;
  choice.addEventListener("change", () => choice.form.submit());
}
