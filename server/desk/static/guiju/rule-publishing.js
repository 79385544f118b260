// Putting a rule in force: what changes, what its tests say, why it is done all the same; then it is published.
import { button, make } from "./builder-parts.js";
import { sayNext } from "./editing.js";
import { confirmation, dialog, listed } from "./publishing.js";

export async function publish(page) {
  const { words } = page;
  const plan = await page.send("plan");
  if (plan.faults.length) { page.setFaults(plan.faults); page.element("faults").scrollIntoView({ block: "nearest" }); return; }
  const { actions, close, put, open } = dialog(words.publish_now);
  if (plan.moved) put(make("p", { className: "alert alert-warning", textContent: words.moved.replace("{by}", plan.moved.by).replace("{at}", plan.moved.at) }));
  put(...listed(words.changes, plan.changes.length ? plan.changes : [page.name === null ? words.first_version : words.no_change]), ...listed(words.warnings, plan.warnings), ...listed(words.failing, plan.failing, "rule-failing"));
  put(make("p", { className: plan.failing.length ? "rule-failing" : "text-muted", textContent: plan.failing.length ? words.reason_needed : plan.tests ? words.tests_green.replace("{number}", plan.tests) : words.tests_none }));
  const reason = make("textarea", { className: "form-control form-control-sm", rows: 2, id: "rule-reason", maxLength: 2000, value: page.reason || "", required: plan.failing.length > 0 });
  put(make("label", { htmlFor: "rule-reason", textContent: words.reason }), reason);
  const { told, confirm } = confirmation(words.publish_now, () => page.send("publish", { base_version: plan.base_version, reason: reason.value }), (done) => {
    sayNext("guiju-rule-published", words.published);
    window.location.assign(`/admin/rules/edit?${new URLSearchParams({ name: done.name })}`);
  });
  put(told);
  const isHeldUp = () => plan.is_empty || (plan.failing.length > 0 && !reason.value.trim());
  confirm.disabled = isHeldUp();
  reason.addEventListener("input", () => { confirm.disabled = isHeldUp(); });
  actions.append(button(words.close, close), confirm);
  open();
  (plan.failing.length ? reason : confirm).focus();
}
