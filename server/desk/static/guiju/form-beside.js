// Beside the form: comments, tags, assignments, following. What is done is sent by itself, so that what is typed into the form stays;
// the part of the page that changed is drawn anew.
import { setUpDrop } from "./form-drop.js";
import { setUpMentions } from "./form-mentions.js";
import { offer } from "./offers.js";

export function setUpBeside(form) {
  const sender = document.getElementById("beside");
  setUpDrop(form, (files) => { if (sender) attach(sender, files); }); // a new record has attachment fields only
  if (!sender) return;
  for (const part of document.querySelectorAll("[data-beside]")) setUp(part, sender);
  document.addEventListener("guiju:later", () => mentions(document.getElementById("talk"), sender)); // earlier comments came
  sender.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button && !button.classList.contains("is-busy")) send(form, sender, button);
  });
}

function mentions(part, sender) {
  for (const text of part.querySelectorAll("[data-mentions]:not([data-mentioning])")) {
    text.dataset.mentioning = "";
    setUpMentions(text, sender.getAttribute("action").replace("/beside/", "/mentions/"));
  }
}

function setUp(part, sender) {
  const chosen = part.querySelector("[data-attach]");
  if (chosen) {
    part.querySelector("[data-attach-go]").hidden = true; // what is chosen is sent at once
    chosen.addEventListener("change", (event) => { event.stopPropagation(); if (chosen.files.length) attach(sender, chosen.files); });
  }
  mentions(part, sender);
  for (const input of part.querySelectorAll("[data-enter]")) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      sender.requestSubmit(part.querySelector(`button[value="${input.dataset.enter}"]`));
    });
  }
}

// Files that were chosen or dropped, sent like anything else that is done here.
function attach(sender, files) {
  const chosen = document.querySelector("[data-attach]");
  if (!chosen) return;
  const given = new DataTransfer();
  for (const file of files) given.items.add(file);
  chosen.files = given.files;
  sender.requestSubmit(document.querySelector("[data-attach-go]"));
}

async function send(form, sender, button) {
  const part = button.closest("[data-beside]");
  const body = new FormData(sender, button);
  button.classList.add("is-busy");
  const post = () => fetch(sender.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  let answer = await post();
  if (answer?.status === 401 && (await form.signIn())) {
    body.set("csrf_token", sender.elements.csrf_token.value);
    answer = await post();
  }
  button.classList.remove("is-busy");
  const result = answer ? await answer.json().catch(() => ({})) : {};
  if (!answer?.ok) {
    refuse(button, part, result.faults?.map((one) => one.message).join(" ") || result.message || sender.dataset.offline);
    return;
  }
  if (button.value === "assign" && !form.dirty) { // whose it is stands above the form as well
    window.location.reload();
    return;
  }
  const kept = button.value;
  part.innerHTML = result.html; // rendered by our own templates
  setUp(part, sender);
  for (const input of part.querySelectorAll("[data-offers]")) offer(input);
  focusAfter(part, kept);
}

function refuse(button, part, message) {
  const place = (button.closest("li") || part).querySelector("[data-beside-error]") || part.querySelector("[data-beside-error]");
  place.textContent = message;
  place.hidden = false;
}

// The keyboard stays where something was done.
function focusAfter(part, done) {
  const next = { comment: "[name=_comment]", tag: "[name=_tag]", follow: "button[value=unfollow]", unfollow: "button[value=follow]" }[done];
  const fallback = done.startsWith("untag") ? "[name=_tag]" : "[name=_comment], summary";
  part.querySelector(next || fallback)?.focus();
}
