// The inbox: decide in place; a refusal is told at its item, nothing else moves.
for (const form of document.querySelectorAll("[data-decide]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter;
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
    if (answer?.status === 401) { window.location.assign(`/login?next=${encodeURIComponent("/inbox")}`); return; }
    const error = form.querySelector(".field-error");
    error.textContent = [result.message, ...(result.faults || []).map((fault) => fault.message)].filter(Boolean).join(" ");
    error.hidden = false;
  });
}
