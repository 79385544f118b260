// Columns of a list: put in order by dragging or by the arrows, made wider or narrower at their headings; widths are kept for the person.
const STEP = 16;
const LEAST = 40;

for (const list of document.querySelectorAll("[data-columns]")) {
  for (const button of list.querySelectorAll("[data-move]")) {
    button.hidden = false;
    button.addEventListener("click", () => move(button));
  }
  window.addEventListener("load", () => window.Sortable?.create(list, { animation: 120, filter: "input, button", preventOnFilter: false }));
  if (document.readyState === "complete") window.Sortable?.create(list, { animation: 120, filter: "input, button", preventOnFilter: false });
}

function move(button) {
  const line = button.closest("li");
  if (button.dataset.move === "-1") line.previousElementSibling?.before(line);
  else line.nextElementSibling?.after(line);
  button.focus();
  line.scrollIntoView({ block: "nearest" });
}

// Widths
const table = document.querySelector("table[data-widths]");
const widths = table ? JSON.parse(table.dataset.widths) : {};

function cellsOf(heading) {
  const index = [...heading.parentNode.children].indexOf(heading);
  return [heading, ...[...table.tBodies[0].rows].filter((row) => !row.dataset.group).map((row) => row.cells[index]).filter(Boolean)];
}

function show(heading, width) {
  for (const cell of cellsOf(heading)) {
    cell.style.width = cell.style.minWidth = cell.style.maxWidth = width ? `${width}px` : "";
  }
}

async function keep(heading, width) {
  const body = JSON.stringify({ [heading.dataset.column]: width });
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": table.dataset.csrf };
  await fetch(`/list/${encodeURIComponent(table.dataset.list)}/widths`, { method: "POST", body, headers }).catch(() => null);
}

function grip(heading) {
  const handle = Object.assign(document.createElement("span"), { className: "column-grip", tabIndex: 0 });
  handle.setAttribute("role", "separator");
  handle.setAttribute("aria-orientation", "vertical");
  handle.setAttribute("aria-label", `${table.dataset.widthLabel} ${heading.innerText.trim()}`);
  const tell = (width) => handle.setAttribute("aria-valuenow", Math.round(width));
  const set = (width) => { show(heading, Math.max(Math.round(width), LEAST)); tell(width); };
  tell(heading.offsetWidth);
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const from = event.clientX;
    const before = heading.offsetWidth;
    const drag = (moved) => set(before + moved.clientX - from);
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", drag);
    handle.addEventListener("pointerup", () => {
      handle.removeEventListener("pointermove", drag);
      if (heading.offsetWidth !== before) keep(heading, Math.max(heading.offsetWidth, LEAST));
    }, { once: true });
  });
  handle.addEventListener("dblclick", () => { show(heading, 0); keep(heading, 0); });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    set(heading.offsetWidth + step);
    keep(heading, Math.max(heading.offsetWidth, LEAST));
  });
  heading.append(handle);
}

if (table && window.matchMedia("(min-width: 901px)").matches) {
  for (const heading of table.tHead.querySelectorAll("[data-column]")) {
    if (widths[heading.dataset.column]) show(heading, widths[heading.dataset.column]);
    grip(heading);
  }
}
