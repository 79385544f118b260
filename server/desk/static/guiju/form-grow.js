// Text areas as tall as their text, where the browser's own way (`field-sizing: content`) is missing: Firefox would cut it off.
export function growTexts(root) {
  if (CSS.supports("field-sizing", "content")) return;
  const grow = (box) => {
    if (!box.offsetParent) return; // in a tab that is not shown
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
  };
  const all = () => root.querySelectorAll(".grid td textarea").forEach(grow);
  const typed = (event) => { if (event.target.matches(".grid td textarea")) grow(event.target); };
  root.addEventListener("input", typed, true); // on the way down: a grid keeps what happens in its cells to itself
  root.addEventListener("click", (event) => { if (event.target.closest("[data-tab]")) all(); });
  window.addEventListener("resize", all);
  new MutationObserver(all).observe(root, { childList: true, subtree: true });
  all();
}
