// Decisions about a step of the workflow: each is asked about once more before anything is sent, with the comment where it needs one.
import { secondLook } from "./form-dialog.js";

export function setUpFlow(form) {
  const { texts } = form;
  const comment = document.getElementById("flow-comment");
  document.getElementById("flow-form")?.addEventListener("submit", (event) => {
    if (navigator.onLine) return;
    event.preventDefault(); // what was typed stays on the page
    form.toast(form.offline?.words.no_network || texts.no_connection, "error");
  });
  for (const button of document.querySelectorAll("button[form=flow-form][data-confirm]")) {
    button.addEventListener("click", async (event) => {
      if (!navigator.onLine) return;
      event.preventDefault();
      if (await secondLook(button, comment, texts)) button.form.requestSubmit(button);
    });
  }
}
