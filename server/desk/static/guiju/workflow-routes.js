// Where boxes stand and how arrows run between them. Numbers in, numbers out; nothing of the page.
export const BOX = { width: 176, height: 62 };
export const GRID = { column: 236, row: 134 };
const BENDS = [0, 36, -36, 72, -72, 110, -110, 150, -150, 200, -200, 260, -260];
const SAMPLES = 16;
const LABEL_HEIGHT = 30;

export const center = (place) => ({ x: place.x + BOX.width / 2, y: place.y + BOX.height / 2 });

// Layer under layer: how many transitions a state is away from the first says how far down it stands.
export function arranged(boxes, arrows) {
  const depth = new Map();
  let layer = boxes.slice(0, 1);
  for (let level = 0; layer.length; level += 1) {
    for (const box of layer) depth.set(box.index, level);
    layer = boxes.filter((box) => !depth.has(box.index) && arrows.some((arrow) => arrow.to.index === box.index && depth.get(arrow.from.index) === level));
  }
  const last = Math.max(-1, ...depth.values()) + 1;
  const rows = new Map();
  for (const box of boxes) {
    const level = depth.get(box.index) ?? last; // reached by nothing
    rows.set(level, [...(rows.get(level) || []), box]);
  }
  const found = new Map();
  for (const [level, row] of rows) row.forEach((box, number) => found.set(box.index, { x: 60 + number * GRID.column, y: 20 + level * GRID.row }));
  return found;
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const curve = (from, via, to, t) => ({ x: (1 - t) ** 2 * from.x + 2 * t * (1 - t) * via.x + t * t * to.x, y: (1 - t) ** 2 * from.y + 2 * t * (1 - t) * via.y + t * t * to.y });

// Where the line from the middle of a box towards a point leaves the box.
function edge(place, towards, gap = 0) {
  const middle = center(place);
  const [dx, dy] = [towards.x - middle.x, towards.y - middle.y];
  const scale = Math.min((BOX.width / 2 + gap) / (Math.abs(dx) || 1e-6), (BOX.height / 2 + gap) / (Math.abs(dy) || 1e-6));
  return { x: middle.x + dx * Math.min(1, scale), y: middle.y + dy * Math.min(1, scale) };
}

function bent(from, to, bend) {
  const [a, b] = [center(from), center(to)];
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const via = { x: (a.x + b.x) / 2 - ((b.y - a.y) / length) * bend * 2, y: (a.y + b.y) / 2 + ((b.x - a.x) / length) * bend * 2 };
  const [start, end] = [edge(from, via), edge(to, via, 7)];
  return { start, via, end, label: curve(start, via, end, 0.5), d: `M${start.x} ${start.y}Q${via.x} ${via.y} ${end.x} ${end.y}` };
}

function loop(place) {
  const [x, y] = [place.x + BOX.width, place.y];
  const far = x + 74;
  return { label: { x: x + 58, y: y + BOX.height / 2 }, d: `M${x} ${y + 16}C${far} ${y} ${far} ${y + BOX.height} ${x + 7} ${y + BOX.height - 16}` };
}

// How bad a way is: through boxes, over labels; bends cost a little.
function cost(way, bend, boxes, labels, width) {
  const own = labelBox(way.label, width);
  let found = Math.abs(bend) / 100;
  for (const box of boxes) if (overlap(own, box)) found += 8;
  for (const label of labels) if (overlap(own, label)) found += 6;
  for (let step = 2; step < SAMPLES - 1; step += 1) {
    const point = curve(way.start, way.via, way.end, step / SAMPLES);
    for (const box of boxes) if (overlap({ x: point.x - 4, y: point.y - 4, width: 8, height: 8 }, box)) found += 3;
  }
  return found + (Math.min(own.x, own.y) < -16 ? 40 : 0);
}

const labelBox = (at, width) => ({ x: at.x - width / 2, y: at.y - LABEL_HEIGHT / 2, width, height: LABEL_HEIGHT });

// The way of each arrow: [{d, label: {x, y}}], one after the other so that none lies on another.
export function routed(arrows, places, widthOf) {
  const boxes = [...places.values()].map((place) => ({ ...place, ...BOX }));
  const labels = [];
  return arrows.map((arrow) => {
    const [from, to] = [places.get(arrow.from.index), places.get(arrow.to.index)];
    const width = widthOf(arrow);
    let best = null;
    if (from === to) best = { way: loop(from) };
    else for (const bend of BENDS) {
      const way = bent(from, to, bend);
      const price = cost(way, bend, boxes, labels, width);
      if (!best || price < best.price) best = { way, price };
    }
    labels.push(labelBox(best.way.label, width));
    return best.way;
  });
}
