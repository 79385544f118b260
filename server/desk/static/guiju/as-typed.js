// A line of filters that answers while one types: the same page is asked for what was typed, and what it found is put in place of
// what was found before. Without scripts the form's own button asks.
const WAIT = 200; // milliseconds without a stroke

for (const form of document.querySelectorAll("form[data-as-typed]")) {
  const button = form.querySelector("[data-typed-button]");
  if (button) button.hidden = true;
  let timer = 0;
  let asking = null;

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const given = [...new FormData(form)].filter(([, value]) => value !== "");
    const address = `${form.getAttribute("action") || location.pathname}?${new URLSearchParams(given)}`;
    const answer = await fetch(address, { signal: asking.signal }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-found]");
    if (!found) return location.assign(address); // signed out meanwhile
    document.querySelector("[data-found]").replaceWith(found);
    history.replaceState(null, "", address);
  }

  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); ask(); });
}
