// The schedule of a report: what a choice makes needless is hidden, people chosen stand as ticks, and the log follows what is on its way.
const form = document.querySelector("[data-report-mail]");
const frequency = form.elements.frequency;
const choose = form.querySelector("[data-choose-report]");
const people = document.getElementById("mail-user");

function showWhen() {
  form.querySelector("[data-when=weekday]").hidden = frequency.value !== "Weekly";
  form.querySelector("[data-when=day_of_month]").hidden = frequency.value !== "Monthly";
}
frequency.addEventListener("change", showWhen);
showWhen();

choose.hidden = true;
form.elements.report.addEventListener("change", () => form.requestSubmit(choose));

people?.addEventListener("input", () => {
  const chosen = [...document.getElementById("mail-people").options].find((option) => option.value === people.value);
  if (!chosen) return;
  people.value = "";
  const known = [...form.querySelectorAll("[data-chips] input")].find((input) => input.value === chosen.value);
  if (known) { known.checked = true; return; }
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "user", value: chosen.value, checked: true });
  const label = Object.assign(document.createElement("label"), { className: "check" });
  label.append(box, ` ${chosen.textContent}`);
  form.querySelector("[data-chips]").append(label);
});

async function follow() {
  const answer = await fetch(window.location.pathname).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const table = page?.querySelector("#sent table");
  if (table) document.querySelector("#sent table").replaceWith(table);
  if (document.querySelector("[data-waiting]")) setTimeout(follow, 2500);
}
if (document.querySelector("[data-waiting]")) setTimeout(follow, 1500);
