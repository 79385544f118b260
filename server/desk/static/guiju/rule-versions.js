// The versions of a rule on a time line: which is in force when, one to work on, two compared, a new one from a day on.
import { button, choice, make } from "./builder-parts.js";
import { listed } from "./publishing.js";

const today = () => { const now = new Date(); return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`; };

// Each version with the days on which it is in force; the rule itself is number -1.
function stretches({ raw }) {
  const all = Array.isArray(raw.versions) ? raw.versions : [];
  const starts = [raw.valid_from || "", ...all.map((one) => String(one?.valid_from || ""))];
  return starts.map((from, index) => ({ number: index - 1, from, until: starts[index + 1] || raw.valid_to || "" }));
}

export function drawVersions(page, element) {
  const { doc, words } = page;
  const lines = stretches(doc);
  const now = today();
  const called = ({ from, until }) => (from && until ? words.from_until.replace("{from}", from).replace("{until}", until) : from ? words.from_day.replace("{from}", from) : until ? words.until_day.replace("{until}", until) : words.always_in_force);
  const bar = make("div", { className: "rule-line", role: "tablist", aria: { label: words.versions } }, ...lines.map((line) => {
    const isNow = (!line.from || line.from <= now) && (!line.until || now < line.until);
    const chosen = line.number === doc.number;
    const said = line.number < 0 ? words.version_first : words.version_number.replace("{number}", line.number + 2);
    const tab = make("button", { type: "button", className: `rule-line-part${isNow ? " is-now" : ""}`, role: "tab", tabIndex: chosen ? 0 : -1, dataset: { at: line.number < 0 ? "rule" : `versions[${line.number}]`, version: line.number }, aria: { selected: String(chosen) } },
      make("strong", { textContent: said }), make("span", { textContent: called(line) }), isNow ? make("small", { textContent: words.version_now }) : null);
    tab.addEventListener("click", () => { doc.show(line.number); element.querySelector(`[data-version="${line.number}"]`)?.focus(); });
    return tab;
  }));
  bar.addEventListener("keydown", (event) => {
    const next = doc.number + ({ ArrowRight: 1, ArrowLeft: -1 }[event.key] || 0);
    if (next === doc.number || next < -1 || next >= lines.length - 1) return;
    event.preventDefault();
    doc.show(next);
    element.querySelector(`[data-version="${next}"]`)?.focus();
  });
  const from = make("input", { type: "date", className: "form-control form-control-sm", aria: { label: words.version_from } });
  const told = make("span", { className: "text-danger", role: "alert" });
  const begin = button(words.version_begin, () => {
    if (!from.value) { told.textContent = words.version_from_needed; from.focus(); return; }
    if (lines.some((line) => line.from === from.value)) { told.textContent = words.version_from_twice; from.focus(); return; }
    doc.begin(from.value);
  }, { className: "btn btn-primary btn-sm" });
  const fresh = make("span", { className: "rule-line-tools", hidden: true }, make("span", { textContent: words.version_from }), from, begin, told);
  const add = button(`＋ ${words.version_add}`, () => { fresh.hidden = false; add.hidden = true; from.focus(); });
  from.addEventListener("keydown", (event) => { if (event.key === "Enter") begin.click(); });
  const actions = make("div", { className: "rule-line-tools" }, ...(lines.length > 1 ? [] : [make("span", { className: "text-muted", textContent: called(lines[0]) })]), add, fresh, ...(lines.length > 1 ? [button(words.compare, () => compare(page, lines.map((line) => [String(line.number), called(line)])))] : []));
  element.replaceChildren(...(lines.length > 1 ? [bar, make("small", { className: "text-muted", textContent: words.version_by.replace("{field}", doc.raw.dated_by ? page.fields.of(doc.raw.applies_to).fields.find((one) => one.path === doc.raw.dated_by)?.label || doc.raw.dated_by : words.dated_by_none) })] : []), ...(doc.number < 0 ? [] : [ofThis(page)]), actions);
}

// What the version on show says itself; what it does not say is as in the rule.
function ofThis(page) {
  const { doc, words } = page;
  const from = make("input", { type: "date", className: "form-control form-control-sm", value: doc.version.valid_from || "", aria: { label: words.valid_from } });
  from.addEventListener("change", () => { doc.shown.valid_from = from.value; doc.touch(); page.draw(); });
  const own = doc.own.map((key) => {
    const drop = make("button", { type: "button", className: "rule-chip-drop", textContent: "✕", title: words.take_over, aria: { label: `${words.take_over}: ${words[`part_${key}`]}` } });
    drop.addEventListener("click", () => doc.takeOver(key));
    return make("span", { className: "rule-chip", dataset: { own: key } }, make("span", { textContent: words[`part_${key}`] }), drop);
  });
  return make("div", { className: "rule-line-own" },
    make("label", { className: "rule-pair" }, make("span", { textContent: words.valid_from }), from),
    make("span", { className: "rule-chips" }, make("span", { className: "text-muted", textContent: own.length ? words.version_says : words.version_says_nothing }), ...own),
    button(words.version_remove, () => doc.end()));
}

function compare(page, versions) {
  const { words } = page;
  const { element, actions, close, open } = page.dialog(words.compare_title);
  const found = make("div", { role: "status" });
  const chosen = [versions[Math.max(page.doc.number, 0)][0], versions[Math.max(page.doc.number, 0) + 1][0]];
  const ask = async () => {
    const answer = await page.send("compare", { one: chosen[0], two: chosen[1] });
    const lines = answer.faults?.length ? answer.faults.map((fault) => fault.message) : answer.changes;
    found.replaceChildren(...(lines.length ? listed(words.changes, lines) : [make("p", { className: "text-muted", textContent: words.no_change })]));
  };
  const one = (index) => choice(index ? words.compare_to : words.compare_from, chosen[index], versions, (value) => { chosen[index] = value; ask(); });
  element.insertBefore(make("div", { className: "rule-grid" }, one(0), one(1)), actions);
  element.insertBefore(found, actions);
  actions.append(button(words.close, close));
  open();
  ask();
}
