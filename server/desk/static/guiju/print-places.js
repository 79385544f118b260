// Where a block stands: `blocks[2]`, or `blocks[2].cells[0][1]` in a column of another block.
const PLACE = /^blocks\[(\d+)\](?:\.cells\[(\d+)\]\[(\d+)\])?/;

// The list that a place or the name of a list (`blocks`, `blocks[2].cells[0]`) speaks of.
export function listOf(raw, name) {
  const inner = /^blocks\[(\d+)\]\.cells\[(\d+)\]$/.exec(name);
  if (!inner) return Array.isArray(raw.blocks) ? raw.blocks : [];
  return raw.blocks?.[Number(inner[1])]?.cells?.[Number(inner[2])] || [];
}

export function split(place) {
  const found = PLACE.exec(place || "");
  if (!found) return null;
  const [whole, index, cell, at] = found;
  return at === undefined ? { place: whole, list: "blocks", index: Number(index) } : { place: whole, list: `blocks[${index}].cells[${cell}]`, index: Number(at) };
}

export function blockAt(raw, place) {
  const found = split(place);
  return found ? listOf(raw, found.list)[found.index] ?? null : null;
}

export const placeIn = (list, index) => (list === "blocks" ? `blocks[${index}]` : `${list}[${index}]`);
