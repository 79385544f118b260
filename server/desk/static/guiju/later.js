// Parts of a page that few look at, fetched when somebody does: `data-later` says whence. A `details` gets them in its `data-later-place`
// when it is opened first; a link is replaced by them, together with the `data-later-place` around it. Without scripts, or when nothing
// comes, the links lead to pages that show the same.
async function fetched(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  return answer?.ok && !answer.redirected ? answer.text() : null; // redirected: to sign in again
}

function inserted(place, html) {
  const parts = document.createRange().createContextualFragment(html); // rendered by our own templates
  const first = [...parts.children][0];
  place.replaceWith(parts);
  document.dispatchEvent(new CustomEvent("guiju:later"));
  return first;
}

document.addEventListener("toggle", async (event) => {
  const box = event.target;
  if (!box.matches?.("details[data-later]") || !box.open || box.dataset.asked) return;
  box.dataset.asked = "1";
  const html = await fetched(box.dataset.later);
  if (html === null) delete box.dataset.asked;
  else inserted(box.querySelector("[data-later-place]"), html);
}, true); // toggle does not bubble

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-later]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  follow(link);
});

async function follow(link) {
  if (link.classList.contains("is-busy")) return;
  link.classList.add("is-busy");
  const html = await fetched(link.dataset.later);
  if (html === null) {
    window.location.assign(link.href);
    return;
  }
  const first = inserted(link.closest("[data-later-place]"), html);
  first?.querySelector("a, summary, button")?.focus();
}
