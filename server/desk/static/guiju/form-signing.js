// Signing on the record's own page: the form of the signing page in a dialog, so that one signs what one sees. Without scripts, and where
// there is something unsaved on the page, the links lead on or wait; what is signed is the version that this page shows.
export function setUpSigning(form) {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href^='/sign/']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (form.dirty) {
      form.toast(form.texts.sign_unsaved, "error");
      return;
    }
    const page = await load(link.href);
    if (page) open(page, form.page.version, link.href, async () => { await form.offline?.signed(); reload(); });
    else if (page === null && form.offline?.isOn) form.offline.wantsSignature(link.getAttribute("href"), link.textContent.trim());
    else window.location.assign(link.href); // the session ended, or the server is not reached: the page says so
  });
}

// The same from another page: resolves to whether it was signed; null where there is no such page to show.
export async function signAt(address) {
  const page = await load(address);
  if (!page) return null;
  return new Promise((resolve) => {
    let signed = false;
    const dialog = open(page, null, address, () => { signed = true; dialog.close(); });
    dialog.addEventListener("close", () => resolve(signed));
  });
}

function reload() {
  window.location.hash = "signatures";
  window.location.reload();
}

// The signing page; null when the server is not reached, undefined when it answers with another page.
async function load(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  return page?.querySelector(".signing-form") || !page ? page : undefined;
}

function open(page, version, address, done) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog signing-dialog" });
  dialog.setAttribute("aria-labelledby", "signing-title");
  fill(dialog, page, version);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest(".signing-buttons a")) return;
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = dialog.querySelector(".signing-buttons button");
    button.disabled = true;
    const body = new FormData(event.target);
    const answer = await fetch(event.target.action, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.ok && answer.redirected && !answer.url.includes("/login")) {
      done();
      return;
    }
    const again = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (again?.querySelector(".signing-form")) fill(dialog, again, version);
    else window.location.assign(address);
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(".signing-form :is(select, textarea, input:not([type=hidden]))")?.focus();
  return dialog;
}

// What the signing page says: its refusal, what is signed (folded, since the form is behind), and the form itself.
function fill(dialog, page, version) {
  const signing = document.adoptNode(page.querySelector(".signing-form"));
  signing.classList.remove("card");
  signing.querySelector("h2").id = "signing-title";
  const shown = signing.querySelector("[name=version]");
  if (shown && version !== null) shown.value = version;
  const refused = page.querySelector(".banner-error");
  refused?.removeAttribute("id");
  const content = page.querySelector(".signed-content");
  const fold = document.createElement("details");
  fold.className = "signed-fold";
  fold.append(Object.assign(document.createElement("summary"), { textContent: content.querySelector("h2").textContent }), document.adoptNode(content));
  content.querySelector("h2").remove();
  dialog.replaceChildren(...(refused ? [document.adoptNode(refused)] : []), signing, fold);
}
