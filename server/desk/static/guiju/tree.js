// Trees: a branch opens where it stands; the arrow keys open, close and move as in a file manager.
const tree = document.querySelector(".tree");

async function part(address) {
  const url = new URL(address, window.location.href);
  url.searchParams.set("part", "1");
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  if (!answer.ok) window.location.assign(address); // the page itself says what is wrong
  return answer.ok ? answer.text() : "";
}

async function open(toggle) {
  const node = toggle.closest("li");
  let branch = node.querySelector(":scope > ul");
  if (!branch) {
    branch = document.createElement("ul");
    branch.innerHTML = await part(toggle.href);
    node.append(branch);
  }
  branch.hidden = false;
  toggle.setAttribute("aria-expanded", "true");
}

function close(toggle) {
  const branch = toggle.closest("li").querySelector(":scope > ul");
  if (branch) branch.hidden = true;
  toggle.setAttribute("aria-expanded", "false");
}

const isOpen = (toggle) => toggle?.getAttribute("aria-expanded") === "true";

tree?.addEventListener("click", async (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const toggle = event.target.closest("[data-branch]");
  const more = event.target.closest("[data-more]");
  if (toggle) {
    event.preventDefault();
    if (isOpen(toggle)) close(toggle);
    else await open(toggle);
  } else if (more) {
    event.preventDefault();
    const line = more.closest("li");
    line.insertAdjacentHTML("beforebegin", await part(more.href));
    line.remove();
  }
});

tree?.addEventListener("keydown", async (event) => {
  const node = event.target.closest("li");
  if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
  const toggle = node.querySelector(":scope > [data-branch]");
  const titles = [...tree.querySelectorAll(".tree-title")].filter((title) => title.offsetParent);
  const at = titles.indexOf(node.querySelector(":scope > .tree-title"));
  const go = (title) => { event.preventDefault(); title?.focus(); };
  if (event.key === "ArrowDown") go(titles[at + 1]);
  else if (event.key === "ArrowUp") go(titles[at - 1]);
  else if (event.key === "ArrowRight" && toggle) {
    event.preventDefault();
    if (!isOpen(toggle)) await open(toggle);
    else go(titles[at + 1]);
  } else if (event.key === "ArrowLeft") {
    if (isOpen(toggle)) { event.preventDefault(); close(toggle); }
    else go(node.parentElement.closest("li")?.querySelector(":scope > .tree-title"));
  }
});
if (tree) tree.dataset.ready = "";
