// The rule that is being built: its JSON is the one truth; forms write into it and tell. Undo goes by steps of typing.
//
// Forms show one of its versions, `shown`: the rule itself (number -1), or a later version with what it takes over from the rule.
const STEP_MS = 700;

// What a version may say otherwise than the rule.
export const OF_A_VERSION = ["title", "description", "source", "priority", "enabled", "on_failure", "facts", "when", "then"];
const OWN = [...OF_A_VERSION, "tests", "valid_from"];
const USUAL = { priority: 100, enabled: 1 };

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class RuleDocument {
  constructor(raw) {
    this.raw = raw;
    this.past = [];
    this.future = [];
    this.heard = [];
    this.before = JSON.stringify(raw);
    this.typedAt = 0;
    this.look(-1);
  }

  // `listener(what)`: "value" after something was typed, "all" after the rule was replaced or another version is shown.
  listen(listener) { this.heard.push(listener); }

  get versions() { return Array.isArray(this.raw.versions) ? this.raw.versions.filter((one) => one && typeof one === "object" && !Array.isArray(one)) : []; }
  get version() { return this.number < 0 ? null : this.raw.versions[this.number]; }

  // What is shown as a rule of its own.
  get alone() {
    const { versions, ...one } = this.shown;
    return one;
  }

  // Shows a version; one that is not there is the rule.
  look(number) {
    const found = Array.isArray(this.raw.versions) ? this.raw.versions[number] : null;
    this.number = found && typeof found === "object" && !Array.isArray(found) ? number : -1;
    this.shown = this.number < 0 ? this.raw : this.whole(found);
  }

  show(number) {
    this.look(number);
    this.tell("all");
  }

  // A version with what it takes over from the rule.
  whole(version) {
    const { versions, tests, valid_from, valid_to, ...base } = this.raw;
    return structuredClone({ ...base, ...version });
  }

  // What was typed into a version goes where it says something of its own.
  settle() {
    if (this.number < 0) return;
    const version = this.version;
    for (const key of OWN) {
      const inherited = key === "tests" || key === "valid_from" ? undefined : this.raw[key];
      const now = this.shown[key];
      if (same(now, key in version ? version[key] : inherited)) continue;
      if (key === "tests" && !now?.length && !(key in version)) continue;
      if (now !== undefined) version[key] = now;
      else if (inherited === undefined) delete version[key];
      else version[key] = USUAL[key] ?? null; // said: not what the rule has
    }
  }

  // What a version says itself, of what it could take over.
  get own() { return this.number < 0 ? [] : OF_A_VERSION.filter((key) => key in this.version); }

  // Lets a version be as the rule again in one part.
  takeOver(key) {
    delete this.version[key];
    this.shown = this.whole(this.version);
    this.touch();
    this.tell("all");
  }

  // A version from a day on; it begins as what is in force then. The days must not be the same.
  begin(from) {
    const versions = this.raw.versions ||= [];
    const place = versions.filter((one) => String(one?.valid_from || "") < from).length;
    const { tests, valid_from, ...before } = versions[place - 1] || {};
    versions.splice(place, 0, { valid_from: from, ...structuredClone(before) });
    this.look(place);
    this.touch();
    this.tell("all");
  }

  end() {
    this.raw.versions.splice(this.number, 1);
    if (!this.raw.versions.length) delete this.raw.versions;
    this.look(-1);
    this.touch();
    this.tell("all");
  }

  // Somebody wrote into `shown`, or into `raw`.
  touch() {
    this.settle();
    const now = JSON.stringify(this.raw);
    if (now === this.before) return;
    if (Date.now() - this.typedAt > STEP_MS || !this.past.length) this.past.push(this.before);
    this.typedAt = Date.now();
    this.before = now;
    this.future = [];
    this.tell("value");
  }

  // The whole rule was written anew: from the JSON, from a file.
  replace(raw) {
    this.past.push(this.before);
    this.future = [];
    this.become(raw);
  }

  undo() { this.travel(this.past, this.future); }
  redo() { this.travel(this.future, this.past); }

  travel(from, to) {
    if (!from.length) return;
    to.push(this.before);
    this.become(JSON.parse(from.pop()));
  }

  become(raw) {
    this.raw = raw;
    this.before = JSON.stringify(raw);
    this.typedAt = 0;
    this.look(this.number);
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
