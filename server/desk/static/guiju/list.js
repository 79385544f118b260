// Lists: a click anywhere in a row opens it; ticked rows are handled together; Shift adds a heading to the order.
import "./choosing.js";
import "./list-filters.js";
import "./list-columns.js";
import "./list-cells.js";
import "./list-moving.js";

for (const line of document.querySelectorAll("table.list tbody tr")) {
  const link = line.querySelector(".cell-name a");
  if (!link) continue;
  line.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, select, textarea, .cell-choose, .is-editable") || window.getSelection().toString()) return;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else window.location.assign(link.href);
  });
}
for (const link of document.querySelectorAll("[data-further]")) {
  link.addEventListener("click", (event) => {
    if (!event.shiftKey) return;
    event.preventDefault();
    window.location.assign(link.dataset.further);
  });
}
for (const button of document.querySelectorAll("[data-copy-address]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(new URL(button.dataset.copyAddress, window.location.href).href).catch(() => null);
    button.textContent = button.dataset.copied;
  });
}
