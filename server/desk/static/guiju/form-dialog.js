// Small dialogs of the form: a question, and signing in again without losing what was typed.

// Resolves to whether the action was chosen; with `wanted` (the label of a text that must be given, as a line the `value` that it
// starts with, as a longer text what is `typed` already) to that text. `style` is that of the button of the action.
export function ask(question, action, texts, wanted = null, style = "primary") {
  return new Promise((resolve) => {
    const dialog = Object.assign(document.createElement("dialog"), { className: "dialog" });
    const text = Object.assign(document.createElement("p"), { textContent: question, id: "question" });
    dialog.setAttribute("aria-labelledby", text.id);
    const asked = wanted && textBox(wanted, texts);
    const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
    let answer = false;
    const choose = (value) => {
      if (value && asked && !asked.given()) return;
      answer = value && asked ? asked.given() : value;
      dialog.close();
    };
    for (const [label, look, value] of [[texts.close, "", false], [action, style, true]]) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: `button ${look}`, textContent: label, autofocus: value && !asked });
      button.addEventListener("click", () => choose(value));
      actions.append(button);
    }
    dialog.append(text, ...(asked ? [asked.box] : []), actions);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Before a decision is sent: the question of its button, with the comment where it needs one, as far as that is typed in `comment`.
// Resolves to whether to go on.
export async function secondLook(button, comment, texts) {
  const { asks, confirm } = button.dataset;
  const style = button.classList.contains("danger-quiet") ? "danger-solid" : "primary";
  const given = await ask(confirm, button.textContent.trim(), texts, asks && { label: asks, typed: comment.value.trim() }, style);
  if (asks && given) comment.value = given;
  return Boolean(given);
}

// A text that must be given; `given` says what is missing beside it.
function textBox({ label, value, typed = "" }, texts) {
  const box = Object.assign(document.createElement("div"), { className: "field is-required" });
  const name = Object.assign(document.createElement("label"), { htmlFor: "reason", textContent: label });
  name.append(Object.assign(document.createElement("span"), { className: "star", textContent: "*", ariaHidden: "true" }));
  const input = value === undefined
    ? Object.assign(document.createElement("textarea"), { rows: 3, maxLength: 2000, value: typed })
    : Object.assign(document.createElement("input"), { value, maxLength: 140, autocomplete: "off" });
  Object.assign(input, { id: "reason", required: true, autofocus: true });
  const error = Object.assign(document.createElement("p"), { className: "field-error", id: "reason-error", hidden: true, role: "alert" });
  input.addEventListener("input", () => { error.hidden = true; input.removeAttribute("aria-invalid"); });
  box.append(name, input, error);
  const given = () => {
    const value = input.value.trim();
    error.hidden = Boolean(value);
    if (value) return value;
    error.textContent = texts.reason_missing.replace("{label}", label);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", error.id);
    input.focus();
    return "";
  };
  return { box, given };
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
