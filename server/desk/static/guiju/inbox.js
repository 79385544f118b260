// The inbox: decide in place; a refusal is told at its item, nothing else moves. A comment outlives an ended session.
import "./choosing.js";
import { secondLook } from "./form-dialog.js";

const texts = JSON.parse(document.getElementById("form-texts").textContent);
const KEPT = "guiju-comment";
const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
sessionStorage.removeItem(KEPT);
if (kept && document.getElementById(kept.id)) document.getElementById(kept.id).value = kept.text;

for (const form of document.querySelectorAll("[data-decide]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button.dataset.confirm && !(await secondLook(button, form.querySelector("textarea"), texts))) return;
    const body = new FormData(form);
    body.set("decision", button.value);
    button.classList.add("is-busy");
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const result = answer ? await answer.json().catch(() => ({})) : {};
    button.classList.remove("is-busy");
    if (answer?.ok && result.ok) {
      sessionStorage.setItem("guiju-toast", result.message);
      window.location.reload();
      return;
    }
    if (answer?.status === 401) {
      const { id, value } = form.querySelector("textarea");
      sessionStorage.setItem(KEPT, JSON.stringify({ id, text: value }));
      window.location.assign(`/login?next=${encodeURIComponent("/inbox")}`);
      return;
    }
    const error = form.querySelector(".field-error");
    error.textContent = [answer ? result.message : form.dataset.offline, ...(result.faults || []).map((fault) => fault.message)].filter(Boolean).join(" ");
    error.hidden = false;
  });
}
