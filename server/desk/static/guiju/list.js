// Lists: a click anywhere in a row opens it; `/` goes to the search; ticked rows are handled together.
import "./choosing.js";

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
