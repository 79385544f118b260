// Many records at once: sent portion by portion, so that one sees how far it is, may stop it, and reads at each record what became of it.
const PORTION = 20;
const chooser = document.querySelector("[data-go]");
chooser?.addEventListener("change", () => chooser.form.submit());
if (chooser) { // what was chosen before this script was there
  const first = Math.max([...chooser.options].findIndex((option) => option.defaultSelected), 0);
  if (chooser.selectedIndex !== first) chooser.form.submit();
}
document.querySelector("[data-go-button]")?.setAttribute("hidden", "");

const form = document.querySelector("[data-bulk]");
const said = document.querySelector("[data-said]");
let stopped = false;
document.querySelector("[data-stop]")?.addEventListener("click", () => { stopped = true; });

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const wrong = form.querySelector("[aria-invalid=true]"); // beside it stands why
  if (wrong) return wrong.focus();
  const body = new FormData(form);
  const left = [...document.querySelectorAll("tr[data-name]:not(.is-done)")];
  for (const key of ["n", "all"]) body.delete(key);
  stopped = false;
  form.querySelector("button").disabled = true;
  said.hidden = false;
  said.querySelector("[data-stop]").hidden = false;
  let done = 0;
  let refused = 0;
  tell(done, refused, left.length);
  for (let start = 0; start < left.length && !stopped; start += PORTION) {
    const lines = left.slice(start, start + PORTION);
    body.delete("name");
    for (const line of lines) body.append("name", line.dataset.name);
    const answer = await fetch(window.location.pathname, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const result = answer ? await answer.json().catch(() => ({})) : {};
    if (!answer?.ok) {
      for (const line of lines) show(line, result.message || form.dataset.offline, false);
      refused += lines.length;
      tell(done, refused, left.length);
      break;
    }
    for (const line of lines) {
      const why = result.refused.find((item) => item.name === line.dataset.name)?.why;
      show(line, why || form.dataset.done || "✓", !why);
    }
    done += result.done.length;
    refused += result.refused.length;
    tell(done, refused, left.length);
  }
  said.querySelector("[data-stop]").hidden = true;
  form.querySelector("button").disabled = done === left.length;
});

function show(line, text, isDone) {
  line.classList.toggle("is-done", isDone);
  const cell = line.querySelector("[data-outcome]");
  cell.textContent = text;
  cell.className = isDone ? "bulk-ok" : "bulk-refused";
}

function tell(done, refused, all) {
  Object.assign(said.querySelector("progress"), { max: all, value: done + refused });
  said.querySelector("span").textContent = form.dataset.progress.replace("{done}", done).replace("{refused}", refused);
}
