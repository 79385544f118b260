// The rule that is being built: its JSON is the one truth; forms write into it and tell. Undo goes by steps of typing.
const STEP_MS = 700;

export class RuleDocument {
  constructor(raw) {
    this.raw = raw;
    this.past = [];
    this.future = [];
    this.heard = [];
    this.before = JSON.stringify(raw);
    this.at = 0;
  }

  // `listener(what)`: "value" after something was typed, "all" after the rule was replaced.
  listen(listener) { this.heard.push(listener); }

  // Somebody wrote into `raw`.
  touch() {
    const now = JSON.stringify(this.raw);
    if (now === this.before) return;
    if (Date.now() - this.at > STEP_MS || !this.past.length) this.past.push(this.before);
    this.at = Date.now();
    this.before = now;
    this.future = [];
    this.tell("value");
  }

  // The whole rule was written anew: from the JSON, from a file.
  replace(raw) {
    this.past.push(this.before);
    this.future = [];
    this.show(raw);
  }

  undo() { this.travel(this.past, this.future); }
  redo() { this.travel(this.future, this.past); }

  travel(from, to) {
    if (!from.length) return;
    to.push(this.before);
    this.show(JSON.parse(from.pop()));
  }

  show(raw) {
    this.raw = raw;
    this.before = JSON.stringify(raw);
    this.at = 0;
    this.tell("all");
  }

  tell(what) { for (const listener of this.heard) listener(what); }
}

// A key goes where it is empty: the JSON stays as somebody would write it.
export function put(object, key, value) {
  if (value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length)) delete object[key];
  else object[key] = value;
}

// An object with one key called otherwise, in its place.
export function renamed(object, from, to) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key === from ? to : key, value]));
}

export function moved(list, index, step) {
  const to = index + step;
  if (to < 0 || to >= list.length) return false;
  list.splice(to, 0, ...list.splice(index, 1));
  return true;
}
