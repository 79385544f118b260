// Decisions about a step of the workflow: what needs a comment asks for it before anything is sent.
import { ask } from "./form-dialog.js";

export function setUpFlow(form) {
  const { texts } = form;
  const comment = document.getElementById("flow-comment");
  document.getElementById("flow-form")?.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault(); // what was typed stays on the page
    form.toast(form.offline?.words.no_network || texts.no_connection, "error");
  });
  for (const button of document.querySelectorAll("button[form=flow-form][data-asks]")) {
    button.addEventListener("click", async (event) => {
      if (comment.value.trim()) return;
      event.preventDefault();
      const given = await ask(button.textContent.trim(), button.textContent.trim(), texts, { label: button.dataset.asks });
      if (!given) return;
      comment.value = given;
      button.form.requestSubmit(button);
    });
  }
}
