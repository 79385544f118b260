// Putting a rule in force: what changes, what its tests say, why it is done all the same; then it is published.
import { button, make } from "./builder-parts.js";

export function dialog(title) {
  const element = make("dialog", { className: "builder-dialog rule-dialog", aria: { label: title } }, make("h2", { className: "admin-heading", textContent: title }));
  const actions = make("div", { className: "admin-actions" });
  element.append(actions);
  const close = () => element.close();
  element.addEventListener("close", () => element.remove());
  return { element, actions, close, open: () => { document.body.append(element); element.showModal(); } };
}

// Lines under a heading; nothing where there are none.
export const listed = (title, lines, className = "") => (lines.length ? [make("h3", { className: "admin-heading", textContent: title }), make("ul", { className }, ...lines.map((line) => make("li", { textContent: line })))] : []);

export async function publish(page) {
  const { words } = page;
  const plan = await page.send("plan");
  if (plan.faults.length) { page.setFaults(plan.faults); page.element("faults").scrollIntoView({ block: "nearest" }); return; }
  const { element, actions, close, open } = dialog(words.publish_now);
  const put = (...parts) => parts.forEach((part) => element.insertBefore(part, actions));
  if (plan.moved) put(make("p", { className: "alert alert-warning", textContent: words.moved.replace("{by}", plan.moved.by).replace("{at}", plan.moved.at) }));
  put(...listed(words.changes, plan.changes.length ? plan.changes : [page.name === null ? words.first_version : words.no_change]), ...listed(words.warnings, plan.warnings), ...listed(words.failing, plan.failing, "rule-failing"));
  put(make("p", { className: plan.failing.length ? "rule-failing" : "text-muted", textContent: plan.failing.length ? words.reason_needed : plan.tests ? words.tests_green.replace("{number}", plan.tests) : words.tests_none }));
  const reason = make("textarea", { className: "form-control form-control-sm", rows: 2, id: "rule-reason", maxLength: 2000, value: page.reason || "", required: plan.failing.length > 0 });
  put(make("label", { htmlFor: "rule-reason", textContent: words.reason }), reason);
  const told = make("p", { className: "text-danger", hidden: true, role: "alert" });
  put(told);
  const confirm = button(words.publish_now, async () => {
    confirm.disabled = true;
    const done = await page.send("publish", { base_version: plan.base_version, reason: reason.value });
    if (done.published) { sessionStorage.setItem("guiju-rule-published", words.published); window.location.assign(`/admin/rules/edit?${new URLSearchParams({ name: done.name })}`); return; }
    confirm.disabled = false;
    told.textContent = done.faults.map((fault) => fault.message).join(" ");
    told.hidden = false;
  }, { className: "btn btn-primary btn-sm", disabled: plan.is_empty || (plan.failing.length > 0 && !reason.value.trim()) });
  reason.addEventListener("input", () => { confirm.disabled = plan.is_empty || (plan.failing.length > 0 && !reason.value.trim()); });
  actions.append(button(words.close, close), confirm);
  open();
  (plan.failing.length ? reason : confirm).focus();
}
