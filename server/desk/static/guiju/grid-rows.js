// The menu of a row of a child table: insert, duplicate, and what the keys do with rows.

export function openRowMenu(grid, button, index) {
  const { texts } = grid.form;
  const list = Object.assign(document.createElement("div"), { className: "row-menu", popover: "auto" });
  list.setAttribute("role", "menu");
  const offer = (label, keys, act) => {
    const item = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    item.setAttribute("role", "menuitem");
    if (keys) item.append(Object.assign(document.createElement("kbd"), { textContent: keys }));
    item.addEventListener("click", () => { list.hidePopover(); act(); });
    list.append(item);
  };
  offer(texts.insert_above, "Alt+Insert", () => insertRow(grid, index));
  offer(texts.insert_below, "", () => insertRow(grid, index + 1));
  offer(texts.duplicate_row, "Ctrl+Shift+D", () => duplicateRows(grid, index, index));
  offer(texts.remove_row, "Ctrl+Delete", () => removeRows(grid, index, index));
  list.addEventListener("toggle", (event) => { if (event.newState === "closed") list.remove(); });
  list.addEventListener("keydown", (event) => onKey(list, event));
  (button.closest("dialog") || document.body).append(list);
  list.showPopover();
  place(list, button);
  list.firstChild.focus();
}

function onKey(list, event) {
  const items = [...list.children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
}

function place(list, button) {
  const at = button.getBoundingClientRect();
  const below = window.innerHeight - at.bottom > list.offsetHeight + 8;
  list.style.left = `${Math.max(8, Math.min(at.right - list.offsetWidth, window.innerWidth - list.offsetWidth - 8))}px`;
  list.style.top = `${below ? at.bottom + 2 : at.top - list.offsetHeight - 2}px`;
}

function after(grid, index, column) {
  grid.draw();
  grid.form.changed();
  grid.focus(Math.min(index, grid.rows.length - 1), column);
}

export function insertRow(grid, index, column) {
  if (grid.meta.fixed) return;
  grid.remember();
  grid.rows.splice(index, 0, grid.blank());
  after(grid, index, column);
}

export function duplicateRows(grid, first, last, column) {
  if (grid.meta.fixed) return;
  grid.remember();
  const copies = grid.rows.slice(first, last + 1).map(({ idx, ...row }) => ({ ...structuredClone(row), name: null }));
  grid.rows.splice(last + 1, 0, ...copies);
  after(grid, last + 1, column);
}

export function removeRows(grid, first, last, column) {
  if (grid.meta.fixed) return;
  grid.remember();
  grid.rows.splice(first, last - first + 1);
  after(grid, first, column);
}

// A marked copy of a picture goes into a row of its own below it, so that the original stays beside it; where rows are fixed it
// takes the picture's place.
export function keepMarked(grid, row, field, address) {
  const index = grid.rows.indexOf(row);
  if (grid.meta.fixed) { grid.remember(); row[field.fieldname] = address; }
  else {
    grid.remember();
    const { idx, ...copy } = row;
    grid.rows.splice(index + 1, 0, { ...structuredClone(copy), name: null, [field.fieldname]: address });
  }
  grid.draw();
  grid.form.changed();
}
