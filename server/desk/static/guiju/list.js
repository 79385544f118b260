// Lists: a click anywhere in a row opens it; `/` goes to the search; ticked rows are handled together.
for (const line of document.querySelectorAll("table.list tbody tr")) {
  const link = line.querySelector(".cell-name a");
  line.addEventListener("click", (event) => {
    if (event.target.closest("a, .cell-choose") || window.getSelection().toString()) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else window.location.assign(link.href);
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    document.querySelector("[data-list-search]")?.focus();
  }
});

const choice = document.getElementById("choice");
const boxes = [...document.querySelectorAll("[data-choose]")];
const all = document.querySelector("[data-choose-all]");
let last = null;

function showChoice() {
  const chosen = boxes.filter((box) => box.checked).length;
  choice.hidden = !chosen;
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
