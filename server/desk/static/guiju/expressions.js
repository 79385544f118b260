// The browser's twin of server/expressions: evaluates the same trees to the same values (tests/expressions/vectors.json).
// Numbers are exact: an Exact is a BigInt times a power of ten, 28 digits, rounded half to even, as on the server.
// Dates are ISO texts. Absent is null; only `compute` throws, when a result is out of range.

const DIGITS = 28;
const MAX_TEXT = 100000;
const MAX_STEPS = 200000;

export class Exact {
  constructor(coefficient, exponent = 0) {
    this.coefficient = coefficient;
    this.exponent = exponent;
  }

  static parse(value) {
    const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/.exec(String(value));
    if (!found || (!found[2] && !found[3])) return null;
    const [, sign, whole, part = "", power = "0"] = found;
    const coefficient = BigInt(`${whole || ""}${part}` || "0");
    return rounded(new Exact(sign === "-" ? -coefficient : coefficient, Number(power) - part.length));
  }

  at(exponent) {
    return this.coefficient * 10n ** BigInt(this.exponent - exponent);
  }

  toString() {
    let { coefficient, exponent } = this;
    const negative = coefficient < 0n;
    let digits = (negative ? -coefficient : coefficient).toString();
    if (exponent > 0) digits += "0".repeat(exponent);
    if (exponent < 0) {
      digits = digits.padStart(1 - exponent, "0");
      const cut = digits.length + exponent;
      digits = `${digits.slice(0, cut)}.${digits.slice(cut)}`.replace(/0+$/, "").replace(/\.$/, "");
    }
    return negative && digits !== "0" ? `-${digits}` : digits;
  }

  toJSON() {
    return { $n: this.toString() };
  }
}

const abs = (value) => (value < 0n ? -value : value);
const ZERO = new Exact(0n);

function halfEven(numerator, denominator) {
  const negative = numerator < 0n !== denominator < 0n;
  const [top, bottom] = [abs(numerator), abs(denominator)];
  let quotient = top / bottom;
  const twice = (top % bottom) * 2n;
  if (twice > bottom || (twice === bottom && quotient % 2n === 1n)) quotient += 1n;
  return negative ? -quotient : quotient;
}

function rounded(value) {
  const excess = abs(value.coefficient).toString().length - DIGITS;
  if (excess <= 0) return value;
  return rounded(new Exact(halfEven(value.coefficient, 10n ** BigInt(excess)), value.exponent + excess));
}

// The exact number a value is, or null. true and false count 1 and 0; a text is none.
export function number(value) {
  if (value instanceof Exact) return value;
  if (typeof value === "boolean") return new Exact(value ? 1n : 0n);
  if (typeof value === "number") return Number.isFinite(value) ? Exact.parse(value) : null;
  if (value && typeof value === "object" && typeof value.$n === "string") return Exact.parse(value.$n);
  return null;
}

const sum = (a, b) => {
  const exponent = Math.min(a.exponent, b.exponent);
  return rounded(new Exact(a.at(exponent) + b.at(exponent), exponent));
};
const negate = (a) => new Exact(-a.coefficient, a.exponent);
const product = (a, b) => rounded(new Exact(a.coefficient * b.coefficient, a.exponent + b.exponent));

function quotient(a, b) {
  if (b.coefficient === 0n) return null;
  if (a.coefficient === 0n) return ZERO;
  const length = (value) => abs(value.coefficient).toString().length;
  const shift = Math.max(DIGITS + 1 + length(b) - length(a), 0);
  const top = a.coefficient * 10n ** BigInt(shift);
  // One digit more than is kept, made sticky, so that rounding once is rounding right.
  let whole = abs(top) / abs(b.coefficient);
  let exponent = a.exponent - b.exponent - shift;
  if ((abs(top) % abs(b.coefficient)) !== 0n) {
    whole = whole * 10n + 1n;
    exponent -= 1;
  }
  return rounded(new Exact(a.coefficient < 0n !== b.coefficient < 0n ? -whole : whole, exponent));
}

function remainder(a, b) {
  if (b.coefficient === 0n) return null;
  const exponent = Math.min(a.exponent, b.exponent);
  return rounded(new Exact(a.at(exponent) % b.at(exponent), exponent));
}

function compareNumbers(a, b) {
  const exponent = Math.min(a.exponent, b.exponent);
  const [left, right] = [a.at(exponent), b.at(exponent)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function truth(value) {
  if (value === null || value === undefined || value === false || value === "") return false;
  const found = number(value);
  return found === null ? true : found.coefficient !== 0n;
}

export function text(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "true" : "false";
  const found = number(value);
  if (found) return found.toString();
  if (Array.isArray(value)) return value.map(text).join(",").slice(0, MAX_TEXT);
  return typeof value === "object" ? "" : String(value); // a row has no text
}

const cut = (value) => value.slice(0, MAX_TEXT);
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

function same(left, right) {
  left ??= null;
  right ??= null;
  if (left === null || right === null) return left === right;
  const [a, b] = [number(left), number(right)];
  if (a || b) return Boolean(a && b && compareNumbers(a, b) === 0);
  if (Array.isArray(left) && Array.isArray(right)) return left.length === right.length && left.every((item, index) => same(item, right[index]));
  [left, right] = comparable(left, right);
  return typeof left === typeof right && left === right;
}

// A date beside a moment is compared by days; moments by the instant.
function comparable(left, right) {
  if (typeof left !== "string" || typeof right !== "string") return [left, right];
  if (MOMENT.test(left) && DATE.test(right)) return [left.slice(0, 10), right];
  if (DATE.test(left) && MOMENT.test(right)) return [left, right.slice(0, 10)];
  if (MOMENT.test(left) && MOMENT.test(right)) return [instant(left), instant(right)];
  return [left, right];
}

function order(left, right) {
  left ??= null;
  right ??= null;
  const [a, b] = [number(left), number(right)];
  if (a && b) return compareNumbers(a, b);
  if (left === null || right === null || a || b) return null;
  [left, right] = comparable(left, right);
  if (typeof left !== typeof right || typeof left === "object") return null;
  if (typeof left === "number") return Math.sign(left - right);
  // By code points, as the server compares.
  const [first, second] = [Array.from(left), Array.from(right)];
  for (let index = 0; index < Math.min(first.length, second.length); index += 1) {
    const gap = first[index].codePointAt(0) - second[index].codePointAt(0);
    if (gap) return Math.sign(gap);
  }
  return Math.sign(first.length - second.length);
}

function moment(value) {
  return typeof value === "string" && (DATE.test(value) || MOMENT.test(value)) && !Number.isNaN(instant(value)) ? value : null;
}

// Milliseconds; a text without a zone is read as UTC, so that both ends of a difference are read alike.
function instant(value) {
  const iso = DATE.test(value) ? `${value}T00:00:00Z` : value.replace(" ", "T").replace(/(:\d{2}\.\d{3})\d+/, "$1");
  const found = new Date(/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`);
  return DATE.test(value) && found.toISOString().slice(0, 10) !== value ? NaN : found.getTime();
}

const day = (value) => (moment(value) ? value.slice(0, 10) : null);

const BINARY = {
  "+": (left, right) => {
    if (typeof left === "string" || typeof right === "string") return cut(text(left) + text(right));
    return withNumbers(sum, left, right);
  },
  "-": (left, right) => withNumbers((a, b) => sum(a, negate(b)), left, right),
  "*": (left, right) => withNumbers(product, left, right),
  "/": (left, right) => withNumbers(quotient, left, right),
  "%": (left, right) => withNumbers(remainder, left, right),
  "==": same,
  "!=": (left, right) => !same(left, right),
  "<": (left, right) => order(left, right) === -1,
  "<=": (left, right) => [-1, 0].includes(order(left, right)),
  ">": (left, right) => order(left, right) === 1,
  ">=": (left, right) => [0, 1].includes(order(left, right)),
};

export class OutOfRange extends Error {}

// A result past 10^60 is out of range, as on the server.
function withNumbers(work, left, right) {
  const [a, b] = [number(left), number(right)];
  const found = a && b ? work(a, b) : null;
  if (found && found.coefficient !== 0n && found.exponent + abs(found.coefficient).toString().length > 61) throw new OutOfRange();
  return found;
}

export function round(value, places, mode = "half") {
  const found = number(value);
  const digits = number(places);
  if (!found || !digits) return null;
  const wanted = Number(digits.toString());
  if (!Number.isFinite(wanted) || wanted < -12 || wanted > 12) return null;
  const target = -Math.trunc(wanted);
  if (found.exponent >= target) return rounded(new Exact(found.at(target), target));
  const unit = 10n ** BigInt(target - found.exponent);
  const negative = found.coefficient < 0n;
  let whole = abs(found.coefficient) / unit;
  const rest = abs(found.coefficient) % unit;
  if (mode === "half" && rest * 2n >= unit) whole += 1n;
  if (mode === "floor" && negative && rest) whole += 1n;
  if (mode === "ceil" && !negative && rest) whole += 1n;
  return new Exact(negative ? -whole : whole, target);
}

const ONE_DAY = 86400000;
const isSet = (value) => value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && !value.length);
const extreme = (sign) => (...values) => values.reduce((found, value) => (value !== null && value !== undefined && (found === null || order(value, found) === sign) ? value : found), null);

function contains(whole, part) {
  if (typeof whole === "string") return typeof part === "string" && whole.includes(part);
  return Array.isArray(whole) ? whole.some((item) => same(item, part)) : false;
}

function numberIn(value) {
  return number(value) || (typeof value === "string" && value.length <= 40 ? Exact.parse(value.replace(/,/g, "")) : null) || ZERO;
}

function addDays(value, days) {
  const [found, shift] = [moment(value), number(days)];
  if (!found || !shift) return null;
  const count = Math.trunc(Number(shift.toString()));
  const moved = new Date(Date.parse(`${found.slice(0, 10)}T00:00:00Z`) + count * ONE_DAY);
  return iso(moved, found);
}

function addMonths(value, months) {
  const [found, shift] = [moment(value), number(months)];
  if (!found || !shift) return null;
  const count = Math.trunc(Number(shift.toString()));
  const [year, month, dayOfMonth] = found.slice(0, 10).split("-").map(Number);
  const total = year * 12 + month - 1 + count;
  const [newYear, newMonth] = [Math.floor(total / 12), ((total % 12) + 12) % 12];
  const last = new Date(Date.UTC(newYear, newMonth + 1, 0)).getUTCDate();
  return iso(new Date(Date.UTC(newYear, newMonth, Math.min(dayOfMonth, last))), found);
}

function iso(moved, original) {
  const year = moved.getUTCFullYear();
  if (Number.isNaN(year) || year < 1 || year > 9999) throw new OutOfRange();
  return moved.toISOString().slice(0, 10) + original.slice(10);
}

const dayPart = (from, to) => (value) => (day(value) ? Number(day(value).slice(from, to)) : null);
const onText = (work) => (value) => (value === null || value === undefined ? null : cut(work(text(value))));

const FUNCTIONS = {
  round: (value, places = 0) => round(value, places),
  floor: (value) => round(value, 0, "floor"),
  ceil: (value) => round(value, 0, "ceil"),
  abs: (value) => (number(value) ? new Exact(abs(number(value).coefficient), number(value).exponent) : null),
  min: extreme(-1),
  max: extreme(1),
  len: (value) => lengthOf(value) ?? 0,
  upper: onText((value) => value.toUpperCase()),
  lower: onText((value) => value.toLowerCase()),
  trim: onText((value) => value.trim()),
  concat: (...values) => cut(values.map(text).join("")),
  join: (values, between = ", ") => (Array.isArray(values) ? cut(values.map(text).join(text(between))) : null),
  contains,
  in_list: contains,
  index_of: (whole, part) => {
    if (typeof whole === "string") return typeof part === "string" ? Array.from(whole.slice(0, Math.max(whole.indexOf(part), 0))).length * (whole.includes(part) ? 1 : 0) + (whole.includes(part) ? 0 : -1) : -1;
    return Array.isArray(whole) ? whole.findIndex((item) => same(item, part)) : -1;
  },
  startswith: (whole, part) => typeof whole === "string" && typeof part === "string" && whole.startsWith(part),
  endswith: (whole, part) => typeof whole === "string" && typeof part === "string" && whole.endsWith(part),
  coalesce: (...values) => values.find((value) => value !== null && value !== undefined && value !== "") ?? null,
  is_set: isSet,
  cint: (value) => round(numberIn(value), 0, "down"),
  flt: (value, places = 9) => round(numberIn(value), places),
  date: day,
  days_between: (start, end) => (day(start) && day(end) ? Math.round((instant(day(end)) - instant(day(start))) / ONE_DAY) : null),
  hours_between: (start, end) => (moment(start) && moment(end) ? quotient(Exact.parse(instant(end) - instant(start)), new Exact(3600000n)) : null),
  add_days: addDays,
  add_months: addMonths,
  year: dayPart(0, 4),
  month: dayPart(5, 7),
  day: dayPart(8, 10),
};

const total = (values) => values.reduce((found, value) => (number(value) ? withNumbers(sum, found, value) : found), ZERO);
const AGGREGATES = {
  sum: total,
  avg: (values) => {
    const numbers = values.filter((value) => number(value));
    return numbers.length ? quotient(total(numbers), new Exact(BigInt(numbers.length))) : null;
  },
  min: (values) => extreme(-1)(...values),
  max: (values) => extreme(1)(...values),
  count: (values) => values.filter(truth).length,
  any: (values) => values.some(truth),
  all: (values) => values.every(truth),
};

function lengthOf(value) {
  if (typeof value === "string") return Array.from(value).length;
  return Array.isArray(value) ? value.length : null;
}

function member(value, name) {
  if (name === "length" && (typeof value === "string" || Array.isArray(value))) return lengthOf(value);
  if (value === null || typeof value !== "object" || Array.isArray(value) || value instanceof Exact) return null;
  return Object.hasOwn(value, name) ? value[name] ?? null : null;
}

function run(tree, frame) {
  switch (tree[0]) {
    case "lit": return tree[1];
    case "num": return Exact.parse(tree[1]);
    case "list": return tree.slice(1).map((item) => run(item, frame));
    case "path": return tree.slice(2).reduce(member, root(tree[1], frame));
    case "get": return member(run(tree[1], frame), tree[2]);
    case "at": return at(run(tree[1], frame), run(tree[2], frame));
    case "not": return !truth(run(tree[1], frame));
    case "neg": { const found = number(run(tree[1], frame)); return found ? negate(found) : null; }
    case "and": { const left = run(tree[1], frame); return truth(left) ? run(tree[2], frame) : left; }
    case "or": { const left = run(tree[1], frame); return truth(left) ? left : run(tree[2], frame); }
    case "if": return run(truth(run(tree[1], frame)) ? tree[2] : tree[3], frame);
    case "bin": return BINARY[tree[1]](run(tree[2], frame), run(tree[3], frame));
    case "call": return call(tree, frame);
    case "over": return over(tree, frame);
    default: return null;
  }
}

function root(name, frame) {
  if (name === "row") return frame.row ?? frame.scope.doc;
  return (name === "parent" ? frame.scope.parent : name === "user" ? frame.scope.user : frame.scope.doc) ?? null;
}

function at(items, index) {
  if (items && typeof items === "object" && !Array.isArray(items) && typeof index === "string") return member(items, index);
  const place = number(index);
  if (!place) return null;
  const characters = typeof items === "string" ? null : items;
  return Array.isArray(characters) ? characters[Number(place.toString())] ?? null : null;
}

function call(tree, frame) {
  const name = tree[1];
  if (name === "today") return frame.scope.today ?? null;
  if (name === "now") return frame.scope.now ?? null;
  if (name === "if") return run(truth(run(tree[2], frame)) ? tree[3] : tree[4], frame);
  return FUNCTIONS[name](...tree.slice(2).map((argument) => run(argument, frame)));
}

function over(tree, frame) {
  const found = run(tree[2], frame);
  const rows = Array.isArray(found) ? found : [];
  frame.steps -= rows.length;
  if (frame.steps < 0) throw new OutOfRange();
  if (tree[3] === null) return AGGREGATES[tree[1]](rows);
  const outer = frame.row;
  const values = rows.map((row) => {
    frame.row = row;
    return run(tree[3], frame);
  });
  frame.row = outer;
  return AGGREGATES[tree[1]](values);
}

// The value of a tree: null, boolean, number, Exact, text or a list. Never throws.
export function evaluate(tree, scope) {
  try {
    return run(tree, { scope, row: null, steps: MAX_STEPS }) ?? null;
  } catch {
    return null;
  }
}

export function holds(tree, scope) {
  return truth(evaluate(tree, scope));
}
