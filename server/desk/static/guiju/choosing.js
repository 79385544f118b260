// Ticking several of what is listed: all of them, or with Shift everything since the last one; what is ticked is counted in the bar above.
const choice = document.getElementById("choice");
const boxes = [...document.querySelectorAll("[data-choose]")];
const all = document.querySelector("[data-choose-all]");
let last = null;

function showChoice() {
  const chosen = boxes.filter((box) => box.checked).length;
  choice.hidden = !chosen && !all.closest("#choice"); // a bar that holds the tick for all stays
  const go = choice.querySelector("[data-choose-go]");
  if (go) go.disabled = !chosen;
  const said = choice.querySelector("[data-chosen]");
  said.textContent = said.dataset.chosen.replace("{number}", chosen);
  all.checked = chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

for (const box of boxes) {
  box.addEventListener("click", (event) => { // with Shift everything since the last one
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((one, other) => one - other);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    showChoice();
  });
}
all?.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
  showChoice();
});
if (boxes.length) {
  showChoice();
  window.addEventListener("pageshow", showChoice); // the browser keeps ticks when one comes back
}
