// The chain of those who are told one after the other when something is late: a role, and how long after the due time.
import { button, make } from "./builder-parts.js";
import { put } from "./rule-document.js";
import { picker } from "./rule-picker.js";
import { keptAsIs, lengthEditor, tools } from "./rule-values.js";

export function escalationsEditor(value, write, { page, label, at }) {
  const { words } = page;
  const steps = Array.isArray(value) ? value : [];
  if (value !== undefined && !Array.isArray(value)) return keptAsIs(value, page);
  const box = make("div", { className: "rule-values" });
  const tell = () => write(steps.length ? steps : undefined);
  const options = () => page.roles.map(([role, title]) => ({ value: role, title, detail: role }));
  const step = (one, index) => make("div", { className: "rule-escalation", dataset: { at: `${at}[${index}]` } },
    make("span", { textContent: words.late_by }),
    lengthEditor(one.after, (after) => { put(one, "after", after); tell(); }, { page, label: `${label} ${index + 1}: ${words.late_by}`, inWorkingTime: true }),
    make("span", { textContent: "→" }),
    picker({ label: `${label} ${index + 1}`, value: one.to ?? "", words, placeholder: words.choose, options, chosen: (to) => { put(one, "to", to); tell(); } }),
    tools({ words, remove: () => { steps.splice(index, 1); tell(); draw(); } }));
  const draw = () => {
    const add = button(words.escalation_add, () => { steps.push({}); draw(); box.children[steps.length - 1].querySelector("input").focus(); }, { className: "btn btn-light btn-sm rule-add" });
    box.replaceChildren(...steps.map(step), make("div", { className: "rule-adders" }, add));
    page.showFaults();
  };
  draw();
  return box;
}
