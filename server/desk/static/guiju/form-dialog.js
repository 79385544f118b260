// Small dialogs of the form: a question, and signing in again without losing what was typed.

export function ask(question, action, texts) {
  return new Promise((resolve) => {
    const dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
    const text = Object.assign(document.createElement("p"), { textContent: question, id: "question" });
    dialog.setAttribute("aria-labelledby", text.id);
    const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
    let answer = false;
    for (const [label, style, value] of [[texts.close, "", false], [action, "primary", true]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: `button ${style}`, textContent: label, autofocus: value });
      button.addEventListener("click", () => { answer = value; dialog.close(); });
      actions.append(button);
    }
    dialog.append(text, actions);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// The session ended while the form was open: the same person signs in here, then goes on with what was being done.
// Resolves to whether they did.
export function signInAgain(form) {
  if (document.querySelector(".sign-in-dialog")) return Promise.resolve(false); // asked already
  return new Promise((resolve) => openSignIn(form, resolve));
}

function openSignIn(form, resolve) {
  const { texts } = form;
  let signedIn = false;
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog sign-in-dialog" });
  dialog.innerHTML = `<form method="dialog"><h2 id="sign-in-title"></h2><p></p>
    <div class="field"><label for="again-login"></label><input id="again-login" type="text" autocomplete="username" readonly></div>
    <div class="field"><label for="again-password"></label><input id="again-password" type="password" autocomplete="current-password"></div>
    <p class="field-error" role="alert" hidden></p>
    <div class="dialog-actions"><button type="button" class="button" data-close></button><button type="submit" class="button primary"></button></div></form>`;
  dialog.setAttribute("aria-labelledby", "sign-in-title");
  const find = (query) => dialog.querySelector(query);
  find("h2").textContent = texts.session_ended;
  find("p").textContent = texts.session_ended_hint;
  find("label[for=again-login]").textContent = texts.login;
  find("label[for=again-password]").textContent = texts.password;
  find("#again-login").value = form.page.user.name;
  find("[data-close]").textContent = texts.close;
  find("[data-close]").addEventListener("click", () => dialog.close());
  find("[type=submit]").textContent = texts.sign_in;
  find("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams({ login: form.page.user.name, password: find("#again-password").value });
    const answer = await fetch("/login", { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const result = (await answer?.json().catch(() => null)) || {};
    if (answer?.ok && result.ok) {
      for (const token of document.querySelectorAll("[name=csrf_token]")) token.value = result.csrf_token;
      signedIn = true;
      dialog.close();
      return;
    }
    find(".field-error").textContent = result.message || texts.no_connection;
    find(".field-error").hidden = false;
    find("#again-password").select();
  });
  dialog.addEventListener("close", () => { dialog.remove(); resolve(signedIn); });
  document.body.append(dialog);
  dialog.showModal();
  find("#again-password").focus();
}
