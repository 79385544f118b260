// A block copied from a spreadsheet goes into a child table: first as it stands, so that nothing is lost, then as the server read
// it (dates, full-width digits, links by number or title). Cells that it could not read keep their text and are marked.
import { readBlock } from "./rule-sheet.js";

const SHOWN = 5;

// Whether there is more than one cell's worth on the clipboard.
export function blockOf(text) {
  const block = readBlock(text).map((line) => line.map((cell) => cell.trim()));
  return block.length > 1 || block[0].length > 1 ? block : null;
}

export async function pasteBlock(grid, at, block) {
  grid.remember();
  const rows = takeRows(grid, at.row, block.length);
  const columns = grid.columns.slice(at.column, at.column + Math.max(...block.map((line) => line.length)));
  const open = columns.map((field) => grid.isOpen(field));
  let left = block.slice(rows.length).flat().filter(Boolean).length;
  rows.forEach((row, down) => block[down].forEach((text, right) => {
    if (!open[right]) { left += text ? 1 : 0; return; }
    grid.unmark(row, columns[right].fieldname);
    row[columns[right].fieldname] = text || null;
  }));
  grid.draw();
  grid.form.changed();
  if (left) grid.form.toast(grid.form.texts.paste_left.replace("{number}", left));
  await settle(grid, rows, columns.filter((_, right) => open[right]), block.slice(0, rows.length).map((line) => line.filter((_, right) => open[right])));
}

// The rows that the block goes into; missing ones are made, unless the table has its fixed ones.
function takeRows(grid, start, number) {
  while (!grid.meta.fixed && grid.rows.length < start + number) grid.rows.push(grid.blank());
  return grid.rows.slice(start, start + number);
}

async function settle(grid, rows, columns, cells) {
  if (!columns.length) return;
  const { form } = grid;
  const answer = await ask(form, grid.fieldname, { columns: columns.map((field) => field.fieldname), cells });
  if (!answer) { form.toast(form.texts.paste_unread, "error"); return; }
  for (const [doctype, name, title] of answer.titles) form.titles.set(`${doctype}/${name}`, title);
  const isSame = (row, down, right) => (row[columns[right].fieldname] ?? "") === (cells[down][right] ?? ""); // nobody typed there meanwhile
  rows.forEach((row, down) => {
    const read = answer.rows[down] || {};
    columns.forEach((field, right) => {
      if (field.fieldname in read && isSame(row, down, right)) row[field.fieldname] = read[field.fieldname];
    });
    const own = new Set(columns.map((field) => field.fieldname));
    for (const [name, value] of Object.entries(read)) if (!own.has(name)) row[name] = value; // fetched through a link
  });
  for (const [down, fieldname, message] of answer.faults) grid.mark(rows[down], fieldname, message);
  grid.draw();
  form.changed();
}

async function ask(form, table, block) {
  const address = `/paste/${encodeURIComponent(form.page.meta.doctype)}/${encodeURIComponent(table)}`;
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": form.csrf() };
  const answer = await fetch(address, { method: "POST", body: JSON.stringify(block), headers }).catch(() => null);
  if (answer?.status === 401 && (await form.signIn())) return ask(form, table, block);
  return answer?.ok ? answer.json().catch(() => null) : null;
}

// Under the grid: how many cells could not be read, the first of them as links to their cells.
export function tellFaults(grid) {
  const faults = grid.rows.flatMap((row, index) => [...(grid.marks.get(row) || [])].map(([fieldname, message]) => ({ index, fieldname, message })));
  let place = grid.box.querySelector(":scope > .grid-told");
  if (!faults.length) { place?.remove(); return; }
  if (!place) {
    place = Object.assign(document.createElement("div"), { className: "grid-told" });
    place.setAttribute("role", "status");
    grid.box.querySelector(".grid-scroll").after(place);
  }
  const { texts } = grid.form;
  const list = document.createElement("ul");
  for (const fault of faults.slice(0, SHOWN)) {
    const link = Object.assign(document.createElement("button"), { type: "button", className: "link-button", textContent: `${texts.row_number.replace("{number}", fault.index + 1)} · ${fault.message}` });
    link.addEventListener("click", () => grid.focus(fault.index, fault.fieldname));
    const line = document.createElement("li");
    line.append(link);
    list.append(line);
  }
  if (faults.length > SHOWN) list.append(Object.assign(document.createElement("li"), { textContent: texts.paste_more.replace("{number}", faults.length - SHOWN) }));
  place.replaceChildren(Object.assign(document.createElement("p"), { textContent: texts.paste_faults.replace("{number}", faults.length) }), list);
}
