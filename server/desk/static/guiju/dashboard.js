// Fills the tiles of a dashboard, each by a request of its own: one that fails says so in its place.
const offline = document.documentElement.lang.startsWith("zh") ? "未能载入，请刷新。" : "Not loaded; refresh the page.";

for (const tile of document.querySelectorAll("[data-tile]")) fill(tile);

async function fill(tile) {
  const answer = await fetch(tile.dataset.tile, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok) tile.innerHTML = await answer.text();
  else tile.replaceChildren(Object.assign(document.createElement("p"), { className: "dash-broken", textContent: offline }));
  tile.setAttribute("aria-busy", "false");
}
