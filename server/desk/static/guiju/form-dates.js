// Dates and times are typed as text in one format everywhere, or chosen from a calendar. The calendar never reads the input by
// itself: it would make 3 March of 2026-02-31 and drop what it cannot read. What cannot be read stays as it was typed, is named
// beside the field at once, and is refused by the server when it is saved.
const DAY = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

const KINDS = {
  date: { read: readDay, options: { dateFormat: "Y-m-d" }, refuse: (texts) => texts.bad_date },
  datetime: { read: readMoment, options: { dateFormat: "Y-m-d H:i", enableTime: true }, refuse: (texts) => texts.bad_datetime },
  time: { read: (text) => readClock(text, new Date()), options: { dateFormat: "H:i", enableTime: true, noCalendar: true }, refuse: (texts) => texts.bad_time },
};

function readDay(text) {
  const [, year, , month, day] = (DAY.exec(text) || []).map(Number);
  const found = new Date(year, month - 1, day);
  return year > 0 && found.getMonth() === month - 1 && found.getDate() === day ? found : null;
}

function readClock(text, day) {
  const [, hour, minute, second = 0] = (CLOCK.exec(text) || []).map((part) => Number(part || 0));
  return hour < 24 && minute < 60 && second < 60 ? new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour, minute, second) : null;
}

function readMoment(text) {
  const [first, rest] = text.split(/[ T]+(.*)/);
  const day = readDay(first);
  return day && rest ? readClock(rest, day) : day;
}

// What was typed as formulas take it: with hyphens and leading zeros, null when it is no date.
export function dateOf(widget, text) {
  const found = KINDS[widget].read(text.trim());
  if (!found) return null;
  const two = (number) => String(number).padStart(2, "0");
  const day = `${String(found.getFullYear()).padStart(4, "0")}-${two(found.getMonth() + 1)}-${two(found.getDate())}`;
  const clock = `${two(found.getHours())}:${two(found.getMinutes())}`;
  return { date: day, datetime: `${day} ${clock}`, time: clock }[widget];
}

const kindOf = (input) => KINDS[input.dataset?.picker];
const read = (input) => kindOf(input).read(input.value.trim());
export const isNoDate = (input) => Boolean(kindOf(input) && input.value.trim() && !read(input));
export const isInCalendar = (element) => Boolean(element?.closest(".flatpickr-calendar"));

let calendar = null; // the one that is open: { input, picker }
let returning = false; // the input gets its focus back from the calendar, which stays as it is

// One set of listeners for the form, its grids and the dialogs of their rows.
export function setUpDates(form) {
  const on = (type, act) => document.addEventListener(type, (event) => { if (kindOf(event.target)) act(event.target, event); });
  on("focusin", (input) => { if (!returning) open(input); });
  on("click", open);
  on("keydown", onKey);
  on("input", (input) => { say(form, input, ""); follow(input); });
  on("focusout", (input) => judge(form, input));
  document.addEventListener("scroll", place, { capture: true, passive: true });
  window.addEventListener("resize", place);
}

function judge(form, input) {
  if (isNoDate(input)) say(form, input, kindOf(input).refuse(form.texts).replace("{label}", labelOf(form, input)).replace("{value}", input.value.trim()));
}

// A grid was drawn anew, perhaps with other dates: what was said under it is said again or taken back.
export function judgeDates(form, grid) {
  const place = grid.querySelector(":scope > .field-error");
  if (place?.dataset.about) { place.hidden = true; place.dataset.about = ""; }
  for (const input of grid.querySelectorAll("[data-picker]")) judge(form, input);
}

// In a grid the message names table and row, as the server's does.
function labelOf(form, input) {
  const cell = input.closest("td[data-where]");
  if (!cell) return input.closest(".field")?.querySelector("label")?.firstChild.textContent.trim() || input.getAttribute("aria-label") || input.name;
  const [, table, index] = /^(.+)\[(\d+)\]/.exec(cell.dataset.where);
  return form.texts.in_row.replace("{table}", form.page.meta.tables[table].label).replace("{number}", Number(index) + 1).replace("{column}", cell.dataset.label);
}

// Beside the field, under the grid, or in the row's dialog. Only what was said here is taken back here.
function say(form, input, message) {
  const place = input.closest(".field, .cell-editor")?.querySelector(":scope > .field-error");
  if (!place || (!message && place.dataset.about !== input.id)) return;
  place.textContent = message;
  place.hidden = !message;
  place.dataset.about = message ? input.id : "";
  input.closest("td")?.classList.toggle("has-error", Boolean(message));
  if (message) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  if (place.id) input.setAttribute("aria-describedby", place.id);
}

function open(input) {
  if (!window.flatpickr || input.readOnly || calendar?.input === input) return;
  const anchor = document.createElement("input");
  anchor.focus = () => { returning = true; input.focus(); returning = false; };
  const picker = window.flatpickr(anchor, {
    ...kindOf(input).options,
    allowInput: true,
    clickOpens: false,
    disableMobile: true,
    time_24hr: true,
    minuteIncrement: 1,
    defaultDate: read(input),
    locale: document.documentElement.lang.startsWith("zh") && window.flatpickr.l10ns.zh ? "zh" : "default",
    appendTo: input.closest("dialog") || document.body,
    ignoredFocusElements: [input],
    position: place,
    onChange: (_, text) => { input.value = text; input.dispatchEvent(new Event("input", { bubbles: true })); },
    onClose: () => { if (calendar?.picker === picker) close(); },
  });
  calendar = { input, picker };
  picker.open();
}

function close() {
  const { input, picker } = calendar;
  calendar = null;
  if (picker.calendarContainer.contains(document.activeElement)) picker._input.focus();
  setTimeout(() => picker.destroy()); // it still has its own closing to finish
  return input;
}

// The calendar shows the date that is being typed.
function follow(input) {
  if (calendar?.input !== input || calendar.picker.calendarContainer.contains(document.activeElement)) return;
  const found = read(input);
  if (found) calendar.picker.setDate(found, false);
}

function onKey(input, event) {
  if (calendar?.input !== input) {
    if (event.key === "ArrowDown" && !event.altKey) open(input);
    return;
  }
  const { picker } = calendar;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    picker.close();
  } else if (event.key === "Enter") picker.close();
  else if (event.key === "ArrowDown" && !event.altKey) {
    event.preventDefault();
    (picker.selectedDateElem || picker.todayDateElem || picker.days?.firstChild || picker.hourElement)?.focus();
  }
}

// Under the input where there is room, else above, beside, or under what it would cover: the button that comes next stays free while a
// date is being typed. Fixed, so that it also stands over a dialog.
function place() {
  if (!calendar) return;
  const { input, picker } = calendar;
  const { offsetWidth: width, offsetHeight: height } = picker.calendarContainer;
  const at = input.getBoundingClientRect();
  const buttons = buttonsOf(input).map((button) => button.getBoundingClientRect());
  const left = Math.max(4, Math.min(at.left, window.innerWidth - width - 4));
  const places = [[left, at.bottom + 2], [left, at.top - height - 2], [at.right + 4, at.top], [left, Math.max(at.bottom, ...buttons.map((one) => one.bottom)) + 4]];
  const isOnScreen = ([x, y]) => x + width <= window.innerWidth && y >= 0 && y + height <= window.innerHeight;
  const isFree = ([x, y]) => buttons.every((one) => one.right <= x || one.left >= x + width || one.bottom <= y || one.top >= y + height);
  const [x, y] = places.find((one) => isOnScreen(one) && isFree(one)) || places.find(isFree) || places.find(isOnScreen) || places[0];
  Object.assign(picker.calendarContainer.style, { position: "fixed", right: "auto", bottom: "auto", left: `${x}px`, top: `${y}px` });
}

// What ends the work on the input: the buttons that send its form, in a dialog the main ones.
function buttonsOf(input) {
  const dialog = input.closest("dialog");
  const found = dialog ? [...dialog.querySelectorAll("button.primary")] : [...(input.form?.elements || [])].filter((one) => one.type === "submit");
  return found.filter((one) => one.checkVisibility());
}
