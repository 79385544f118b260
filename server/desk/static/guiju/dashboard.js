// Fills the tiles of a dashboard, each by a request of its own: one that fails says so in its place. Those that the reader may not
// see are gathered, once all are there, under what is said of them: a page of the same refusals tells nobody anything.
const offline = document.documentElement.lang.startsWith("zh") ? "未能载入，请刷新。" : "Not loaded; refresh the page.";
const tiles = [...document.querySelectorAll("[data-tile]")];

await Promise.all(tiles.map(fill));
gather();

async function fill(tile) {
  const answer = await fetch(tile.dataset.tile, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok) tile.innerHTML = await answer.text();
  else tile.replaceChildren(Object.assign(document.createElement("p"), { className: "dash-broken", textContent: offline }));
  tile.setAttribute("aria-busy", "false");
}

function gather() {
  const told = new Map();
  for (const tile of tiles) {
    const text = tile.querySelector("[data-unseen]")?.textContent.trim();
    if (text) told.set(text, [...(told.get(text) || []), tile]);
  }
  for (const [first, ...others] of told.values()) {
    const titles = [first, ...others].map((tile) => tile.querySelector("h2").textContent.trim());
    first.querySelector("h2").textContent = [...new Set(titles)].join(" · ");
    first.className = "card dash-tile dash-full";
    first.parentElement.append(first);
    for (const tile of others) tile.remove();
  }
}
