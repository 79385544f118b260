// The approvals of a state as cards: steps one after the other, groups of branches at the same time, branches of several.
import { button, choice, make, said, textInput } from "./builder-parts.js";
import { moved, put } from "./rule-document.js";
import { recordPicker } from "./rule-picker.js";

const DEEPEST = 5;

export class Steps {
  constructor(page, parts) {
    Object.assign(this, { page, parts, opened: new WeakSet() });
  }

  // The list that `holder` has under `key`, at `at` (`states[1].steps`). `redraw` shows the whole panel anew.
  list(holder, key, at, redraw, depth = 0) {
    const { words } = this.page;
    const nodes = Array.isArray(holder[key]) ? holder[key] : [];
    const change = (edit) => { this.page.doc.change(edit); redraw(); };
    const add = (node) => change(() => { nodes.push(node); holder[key] = nodes; this.opened.add(node); });
    const adders = [button(words.step_add, () => add(this.fresh()))];
    if (depth < DEEPEST) {
      adders.push(button(words.parallel_add, () => add({ parallel: [this.fresh(0), this.fresh(1)], needs: "all" })));
      if (depth) adders.push(button(words.sequence_add, () => add({ sequence: [this.fresh()] })));
    }
    return make("div", { className: "workflow-steps", dataset: { at } },
      ...nodes.map((node, index) => this.card(node, `${at}[${index}]`, { nodes, index, change, redraw, depth })),
      make("div", { className: "rule-adders" }, ...adders));
  }

  // A step with a name that no other has.
  fresh(more = 0) {
    const taken = new Set(this.all().map((step) => step.step));
    let number = 1;
    for (let left = more; taken.has(`step-${number}`) || left > 0; number += 1) if (!taken.has(`step-${number}`)) left -= 1;
    return { step: `step-${number}`, by: { role: "" } };
  }

  all(nodes = this.page.doc.states.flatMap((state) => state?.steps || [])) {
    return nodes.flatMap((node) => (node?.parallel || node?.sequence ? this.all(node.parallel || node.sequence) : node?.step !== undefined ? [node] : []));
  }

  card(node, at, place) {
    const { words } = this.page;
    const { nodes, index, change } = place;
    const isGroup = Array.isArray(node?.parallel) || Array.isArray(node?.sequence);
    const isKnown = node && typeof node === "object" && (isGroup || "step" in node || "by" in node);
    const tool = (text, title, pressed, more = {}) => button(text, (event) => { event.preventDefault(); pressed(); }, { className: "btn rule-tool", title, ariaLabel: title, ...more });
    const tools = make("span", { className: "rule-tools" },
      tool("↑", words.up, () => change(() => moved(nodes, index, -1)), { disabled: index === 0 }),
      tool("↓", words.down, () => change(() => moved(nodes, index, 1)), { disabled: index === nodes.length - 1 }),
      tool("✕", words.remove, () => change(() => nodes.splice(index, 1))));
    const name = make("span", { className: "workflow-step-title" });
    const title = () => { name.textContent = !isKnown ? "?" : isGroup ? words[node.parallel ? "parallel" : "sequence"] : said(node.title, this.page.language) || node.step; };
    title();
    const card = make("details", { className: `workflow-step${isGroup ? " is-group" : ""}`, open: isGroup || this.opened.has(node), dataset: { at } }, make("summary", {}, name, tools));
    card.addEventListener("toggle", () => { if (card.open) this.opened.add(node); else this.opened.delete(node); });
    card.addEventListener("input", title);
    if (!isKnown) card.append(make("p", { className: "rule-kept" }, words.kept_as_is, make("code", { textContent: JSON.stringify(node) })));
    else if (isGroup) card.append(...this.group(node, at, place));
    else card.append(...this.step(node, at, place.redraw));
    return card;
  }

  group(node, at, { redraw, depth }) {
    const kind = node.parallel ? "parallel" : "sequence";
    const needs = node.parallel ? [this.quorum(node, this.page.words.needs_branches, "all", at)] : [];
    return [...needs, this.list(node, kind, `${at}.${kind}`, redraw, depth + 1)];
  }

  step(node, at, redraw) {
    const { page, parts } = this;
    const { words } = page;
    const here = `${at}.`;
    const others = this.all().filter((step) => step !== node).map((step) => ({ value: step.step, title: said(step.title, page.language) || step.step, detail: step.step }));
    return [
      parts.titles(node, here),
      this.named(node, here),
      this.approvers(node, "by", words.by, at, redraw),
      this.quorum(node, words.needs, "any", at),
      parts.text(node, "due", words.due, here),
      parts.condition(node, here),
      parts.more(
        this.approvers(node, "fallback", words.fallback, at, redraw),
        this.comment(node, here),
        parts.choice(node, "signature", words.signature, [["", words.no_signature], ...page.meanings], here),
        parts.listed(node, "different_from", words.different_from, others, here),
        parts.check(node, "allow_self", words.allow_self, here),
        parts.check(node, "skip_approved", words.skip_approved, here),
        parts.sources(node, here),
      ),
    ];
  }

  // The name is taken over when the field is left: other steps speak of it.
  named(node, here) {
    const box = textInput(this.page.words.step_name, node.step, () => {}, { spellcheck: false });
    box.dataset.at = `${here}step`;
    const input = box.querySelector("input");
    input.addEventListener("change", () => {
      const [from, to] = [node.step, input.value.trim()];
      this.page.doc.change(() => {
        node.step = to;
        for (const step of from ? this.all() : []) {
          if (step.different_from === from) step.different_from = to;
          else if (Array.isArray(step.different_from)) step.different_from = step.different_from.map((one) => (one === from ? to : one));
        }
      });
    });
    return box;
  }

  comment(node, here) {
    const { words } = this.page;
    const kinds = [["refusal", words.comment_refusal], ["always", words.comment_always]];
    const box = choice(words.comment_kind, node.comment ?? "refusal", kinds, (value) => { put(node, "comment", value === "refusal" ? "" : value); this.parts.touch(); });
    box.dataset.at = `${here}comment`;
    return box;
  }

  // `any`, `all`, a number, a percentage.
  quorum(node, label, standard, at) {
    const { words } = this.page;
    const given = node.needs ?? standard;
    const kindOf = (value) => (Number.isInteger(value) ? "number" : /%\s*$/.test(value) ? "percent" : value);
    const amount = textInput(words.amount, kindOf(given) === "number" || kindOf(given) === "percent" ? parseInt(given, 10) : 2, () => keep(), { type: "number", min: 1, max: 100 });
    const kinds = choice(label, kindOf(given), ["any", "all", "number", "percent"].map((kind) => [kind, words[kind]]), () => keep());
    const select = kinds.querySelector("select");
    const show = () => { amount.hidden = !["number", "percent"].includes(select.value); };
    const keep = () => {
      const typed = amount.querySelector("input").value;
      const value = select.value === "number" ? Number(typed) : select.value === "percent" ? `${typed}%` : select.value;
      if (value === standard && !("needs" in node)) return;
      node.needs = value;
      show();
      this.parts.touch();
    };
    show();
    return make("div", { className: "builder-pair", dataset: { at: `${at}.needs` } }, kinds, amount);
  }

  // One approver stands as an object in the file, several as a list.
  approvers(node, key, label, at, redraw) {
    const { words } = this.page;
    const given = node[key];
    const list = Array.isArray(given) ? given : given ? [given] : [];
    const keep = () => { put(node, key, list.length === 1 && !Array.isArray(given) ? list[0] : list); };
    const change = (edit) => { this.page.doc.change(() => { edit(); keep(); }); redraw(); };
    const rows = list.map((item, index) => this.approver(item, Array.isArray(given) ? `${at}.${key}[${index}]` : `${at}.${key}`, {
      swap: (other) => change(() => { list[index] = other; }), drop: () => change(() => list.splice(index, 1)),
    }));
    const add = button(words.by_add, () => change(() => list.push({ role: "" })), { className: "btn btn-light btn-sm rule-add" });
    return make("div", { className: "form-group workflow-approvers", role: "group", aria: { label }, dataset: { at: `${at}.${key}` } }, make("span", { className: "rule-label", textContent: label }), ...rows, add);
  }

  approver(item, at, { swap, drop }) {
    const { page } = this;
    const kind = page.approvers.map(([name]) => name).find((name) => item && name in item);
    const remove = button("✕", drop, { className: "btn rule-tool", title: page.words.remove, ariaLabel: page.words.remove });
    if (!kind) return make("div", { className: "workflow-approver", dataset: { at } }, make("code", { className: "rule-kept", textContent: JSON.stringify(item) }), remove);
    const kinds = choice("", kind, page.approvers, (value) => swap({ [value]: "" }));
    kinds.ariaLabel = page.words.by;
    const chosen = (value) => { item[kind] = value; this.parts.touch(); };
    return make("div", { className: "workflow-approver", dataset: { at } }, kinds, this.value(kind, item[kind], chosen), remove);
  }

  value(kind, value, chosen) {
    const { page, parts } = this;
    const label = page.approvers.find(([name]) => name === kind)[1];
    if (kind === "user" || kind === "group") return recordPicker({ doctype: kind === "user" ? "User" : "User Group", label, value, chosen, words: page.words });
    const columns = Object.entries(page.doc.raw.tables || {}).flatMap(([name, table]) => (table?.outputs || []).map((column) => `${name}.${column}`));
    const options = { role: parts.roles, user_field: parts.fieldsTo("User"), department_head: parts.fieldsTo("Department"), table: columns.map((one) => ({ value: one, title: one })) }[kind];
    const box = parts.picked(label, value, options, chosen);
    box.querySelector(".rule-label").remove();
    return box;
  }
}
