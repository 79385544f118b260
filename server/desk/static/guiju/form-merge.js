// Three states of a record: as it was read, as I have it, as somebody else saved it meanwhile. What only one side changed needs no
// question; rows are compared cell by cell, by their names.
import { plain, readNumber } from "./form-values.js";

const text = (value) => {
  const found = plain(value);
  return readNumber(found)?.toString() ?? found; // 5 and 5.00 are one number
};
export const isSame = (one, other) => text(one ?? null) === text(other ?? null);

const without = ({ idx, ...row }) => row;
const isSameRow = (one, other, names) => names.every((name) => isSame(one[name], other[name]));

// The rows with what both sides changed, or null where they changed the same cell differently, or one removed what the other changed.
export function mergeRows(base, mine, theirs, names) {
  const [before, own] = [base, mine].map((rows) => new Map(rows.filter((row) => row.name).map((row) => [row.name, row])));
  const merged = [];
  for (const row of theirs) {
    const [was, kept] = [before.get(row.name), own.get(row.name)];
    if (!was) { merged.push(without(row)); continue; } // they added it
    if (!kept) {
      if (!isSameRow(was, row, names)) return null;
      continue; // I removed it
    }
    const cells = mergeCells(was, kept, row, names);
    if (!cells) return null;
    merged.push({ ...without(row), ...cells });
  }
  const there = new Set(theirs.map((row) => row.name));
  for (const [name, row] of own) if (!there.has(name) && before.has(name) && !isSameRow(before.get(name), row, names)) return null; // they removed what I changed
  return [...merged, ...mine.filter((row) => !row.name).map(without)];
}

function mergeCells(was, kept, row, names) {
  const cells = {};
  for (const name of names) {
    if (isSame(was[name], kept[name]) || isSame(kept[name], row[name])) cells[name] = row[name];
    else if (isSame(was[name], row[name])) cells[name] = kept[name];
    else return null;
  }
  return cells;
}
