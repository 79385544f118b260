// Cards of a board and records of a calendar: moved by dragging, by keys, by a choice. The server decides; what it refuses goes back
// to where it was, with the reason.
import { ask } from "./form-dialog.js";
import { signAt } from "./form-signing.js";

const board = document.querySelector("[data-board][data-may-move]");
const calendar = document.querySelector("[data-calendar][data-may-move]");

function tell(text, kind) {
  for (const old of document.querySelectorAll(".toast")) old.remove();
  const line = Object.assign(document.createElement("div"), { className: `toast toast-${kind}`, textContent: text });
  line.setAttribute("role", kind === "error" ? "alert" : "status");
  document.body.append(line);
  setTimeout(() => line.remove(), kind === "error" ? 9000 : 3000);
}

// What a move wants beside it is asked for: the comment of a transition, a signature of one's own; and, where nothing leads back from
// there (`unasked`) and no signature says so, whether it is meant.
async function send(place, moved, name, values) {
  const words = JSON.parse(place.dataset.texts);
  const address = `/move/${encodeURIComponent(place.dataset.doctype)}/${encodeURIComponent(name)}`;
  const body = new URLSearchParams({ by: place.dataset.by, version: moved.dataset.version, ...values });
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json", "X-CSRF-Token": place.dataset.csrf } }).catch(() => null);
  const result = answer ? await answer.json().catch(() => ({})) : { message: words.offline };
  if (answer?.ok) {
    moved.dataset.version = result.version;
    return true;
  }
  const { unasked, ...asked } = values;
  if (result.ask && unasked) return (await ask(unasked, words.move, words)) ? send(place, moved, name, asked) : false;
  if (result.faults?.some((fault) => fault.where === "comment") && !values.comment) {
    const comment = await ask(words.comment_question.replace("{what}", name), words.move, words, { label: words.comment });
    return comment ? send(place, moved, name, { ...asked, comment }) : false;
  }
  if (result.sign && !values.signed) {
    const signed = await signAt(result.sign);
    if (signed === false) return false;
    if (signed) return send(place, moved, name, { ...asked, signed: 1 });
  }
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

// The question before a card goes where nothing takes it back.
function finalQuestion(card, to) {
  if (!("final" in to.dataset)) return {};
  const question = JSON.parse(board.dataset.texts).final_question;
  return { unasked: question.replace("{what}", card.dataset.card).replace("{lane}", to.getAttribute("aria-label")) };
}

// A card on its way moves no further until the server has answered: the next move wants the version that this one makes.
async function onItsWay(card, move) {
  const choice = card.querySelector("select");
  const chosen = choice && document.activeElement === choice;
  card.classList.add("is-busy");
  if (choice) choice.disabled = true;
  const done = await move();
  card.classList.remove("is-busy");
  if (choice) choice.disabled = false;
  if (chosen && document.activeElement === document.body) choice.focus();
  return done;
}

async function moveCard(card, from, to, back) {
  if (from === to || !to.dataset.lane) { place(card, from, back); return; }
  count(from, -1);
  count(to, 1);
  const done = await onItsWay(card, () => send(board, card, card.dataset.card, { to: to.dataset.lane, ...finalQuestion(card, to) }));
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
      choice.focus();
      moveCard(card, from, to, back);
    });
    card.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!event.altKey || !step) return;
      event.preventDefault();
      if (card.classList.contains("is-busy")) return;
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

// A bar lies over several days, which only the server lays out: after its move the page is read anew, and the bar chosen again.
const CHOSEN = "guiju-calendar-chosen";
async function moveBar(bar, values) {
  if (!(await send(calendar, bar, bar.dataset.entry, { kind: "day", ...values }))) return;
  sessionStorage.setItem(CHOSEN, bar.dataset.entry);
  window.location.reload();
}

const later = (day, days) => new Date(new Date(`${day}T00:00:00Z`).getTime() + days * DAY).toISOString().slice(0, 10);

// Dropped on a day a bar begins there, or the days on which it was taken further along.
function dropBar(bar, to, grasped) {
  const days = Math.round((new Date(to.dataset.day) - new Date(grasped || bar.dataset.first)) / DAY);
  if (days) moveBar(bar, { to: later(bar.dataset.first, days), end: calendar.dataset.end });
}

async function moveEntry(entry, to) {
  const line = entry.closest("li");
  const from = line.closest("[data-day]");
  if (!to || to === from) return;
  const [list, back] = [line.parentNode, line.nextElementSibling];
  to.querySelector(".day-entries").append(line);
  for (const day of [from, to]) day.classList.toggle("is-empty", !day.querySelector("li"));
  entry.focus();
  if (await send(calendar, entry, entry.dataset.entry, { kind: "day", to: to.dataset.day, end: calendar.dataset.end })) return;
  list.insertBefore(line, back);
  for (const day of [from, to]) day.classList.toggle("is-empty", !day.querySelector("li"));
}

if (calendar) {
  let dragged = null, grasped = "";
  // Which of its days a bar is taken at.
  const dayAt = (bar, x) => [...bar.closest(".calendar-week").querySelectorAll("[data-day]")].find((day) => x < day.getBoundingClientRect().right)?.dataset.day;
  calendar.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-entry]");
    grasped = dragged && dayAt(dragged, event.clientX);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged?.dataset.entry || "");
  });
  for (const day of calendar.querySelectorAll("[data-day]")) {
    day.addEventListener("dragover", (event) => { if (dragged) { event.preventDefault(); day.classList.add("is-target"); } });
    day.addEventListener("dragleave", () => day.classList.remove("is-target"));
    day.addEventListener("drop", (event) => {
      event.preventDefault();
      day.classList.remove("is-target");
      if (dragged?.dataset.first) dropBar(dragged, day, grasped);
      else if (dragged) moveEntry(dragged, day);
      dragged = null;
    });
  }
  calendar.addEventListener("keydown", (event) => {
    const entry = event.target.closest("[data-entry]");
    if (!entry || !event.altKey || !KEYS[event.key]) return;
    event.preventDefault();
    const { first, last } = entry.dataset;
    const { end } = calendar.dataset;
    if (event.shiftKey && end) {
      const to = later(last || entry.closest("[data-day]").dataset.day, KEYS[event.key]);
      if (to >= (first || entry.closest("[data-day]").dataset.day)) moveBar(entry, { by: end, to });
    } else if (first) moveBar(entry, { to: later(first, KEYS[event.key]), end });
    else moveEntry(entry, calendar.querySelector(`[data-day="${later(entry.closest("[data-day]").dataset.day, KEYS[event.key])}"]`));
  });
  const chosen = sessionStorage.getItem(CHOSEN);
  sessionStorage.removeItem(CHOSEN);
  if (chosen) [...calendar.querySelectorAll("[data-entry]")].find((entry) => entry.dataset.entry === chosen)?.focus();
}

for (const choice of document.querySelectorAll("[data-submits]")) {
  choice.form.querySelector("[data-submit]").hidden = true;
  choice.addEventListener("change", () => choice.form.submit());
}
