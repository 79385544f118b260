// Plain inputs that offer records while one types: `data-offers` names the DocType, `list` the place of what is offered, `data-from`
// who is asked where it is not the search of links.
export function offer(input) {
  const list = document.getElementById(input.getAttribute("list"));
  let asked = null;
  let waiting;
  const look = async () => {
    const typed = input.value.trim();
    if (typed === asked) return;
    asked = typed;
    const from = input.dataset.from || `/link/${encodeURIComponent(input.dataset.offers)}`;
    const answer = await fetch(`${from}?q=${encodeURIComponent(typed)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const found = answer?.ok ? (await answer.json()).choices : [];
    if (asked !== typed) return; // something else is asked by now
    list.replaceChildren(...found.map(({ value, title }) => Object.assign(document.createElement("option"), { value, textContent: title })));
  };
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 150); });
  input.addEventListener("focus", () => { asked = null; look(); });
  if (document.activeElement === input) look(); // whoever was quicker than this script
}
for (const input of document.querySelectorAll("[data-offers]")) offer(input);
