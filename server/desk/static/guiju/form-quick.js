// A record made in a dialog of another page, because a link there found none: the page within, and the dialog around it.
const MADE = "guiju-made";
const CLOSED = "guiju-closed";

// Within: what happens instead of going to the record's own page; null for a form that stands alone.
export function setUpQuick(form) {
  const { element } = form;
  if (!("quick" in element.dataset) || window.parent === window) return null;
  const tell = (message) => window.parent.postMessage(message, window.location.origin);
  const leave = () => {
    form.dirty = false;
    form.draft.drop();
    tell({ kind: CLOSED });
  };
  const showAll = () => {
    element.classList.remove("is-short");
    element.querySelector("[data-all-fields]")?.remove();
  };
  element.querySelector("[data-all-fields]")?.addEventListener("click", showAll);
  element.querySelector("[data-close]").addEventListener("click", leave);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    leave();
  });
  return {
    made: (location) => tell({ kind: MADE, name: decodeURIComponent(location.split("/").pop()) }),
    // A fault at a field that a short form leaves out.
    showAll(places) {
      if (places.some((where) => where && !form.box(where.split("[")[0])?.matches(".is-asked"))) showAll();
    },
  };
}

// Around: resolves to the choice of the record that was made, null when there is none.
export function makeRecord(doctype, typed, label) {
  return new Promise((resolve) => {
    const dialog = Object.assign(document.createElement("dialog"), { className: "dialog quick-dialog", ariaLabel: label });
    const page = Object.assign(document.createElement("iframe"), {
      src: `/form/${encodeURIComponent(doctype)}/new?quick=${encodeURIComponent(typed)}`, title: label,
    });
    let made = null;
    const hear = (event) => {
      if (event.source !== page.contentWindow || event.origin !== window.location.origin) return;
      if (event.data?.kind === MADE) made = event.data.name;
      if ([MADE, CLOSED].includes(event.data?.kind)) dialog.close();
    };
    window.addEventListener("message", hear);
    dialog.addEventListener("close", async () => {
      window.removeEventListener("message", hear);
      dialog.remove();
      resolve(made && (await choiceOf(doctype, made)));
    });
    dialog.append(page);
    document.body.append(dialog);
    dialog.showModal();
    page.focus();
  });
}

async function choiceOf(doctype, name) {
  const address = `/link/${encodeURIComponent(doctype)}?q=${encodeURIComponent(name)}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  const { choices = [] } = answer?.ok ? await answer.json() : {};
  return choices.find((choice) => choice.value === name) || { value: name, title: name, description: "" };
}
