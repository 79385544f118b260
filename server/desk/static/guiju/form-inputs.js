// Inputs with a twin beside them: a colour with its picker, a place with a button that asks the device, a secret that is replaced whole.

export function setUpInputs(form) {
  for (const box of form.element.querySelectorAll(".color-input")) setUpColor(box);
  for (const box of form.element.querySelectorAll(".place-input")) setUpPlace(box);
  for (const input of form.element.querySelectorAll("[data-secret]")) input.addEventListener("focus", () => input.select());
  for (const swatch of form.element.querySelectorAll("[data-fill]")) swatch.style.background = swatch.dataset.fill;
}

const HEX = /^#[0-9a-f]{6}$/i;

function type(input, value) {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function setUpColor(box) {
  const [picker, input] = [box.querySelector("[data-color]"), box.querySelector("input[name]")];
  picker.classList.toggle("is-empty", !input.value);
  picker.addEventListener("input", (event) => { event.stopPropagation(); type(input, picker.value); });
  input.addEventListener("input", () => {
    if (HEX.test(input.value.trim())) picker.value = input.value.trim();
    picker.classList.toggle("is-empty", !input.value);
  });
}

// Shows a colour that was not typed: restored from a draft or fetched through a link.
export function fill(box, input, value) {
  input.value = value || "";
  const picker = box.querySelector("[data-color]");
  if (picker) {
    picker.value = HEX.test(input.value) ? input.value : "#000000";
    picker.classList.toggle("is-empty", !input.value);
  }
}

function setUpPlace(box) {
  const [button, input] = [box.querySelector("[data-locate]"), box.querySelector("input")];
  if (!navigator.geolocation || !window.isSecureContext) return; // typing the place goes on working
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { button.disabled = false; type(input, `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`); },
      () => { button.disabled = false; input.focus(); },
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
}

// Where typing begins: on a new record the caret stands in the first field that is empty, as in a sheet, and no letter is taken for a key of
// the page. Not in a date, whose calendar would open, and not where a keyboard on the screen would cover the form.
const FIELDS = "#record .field > :is(input, textarea), #record .field > .link-input > input";
const TYPED = ["text", "tel", "textarea"];

const isFree = (input) => TYPED.includes(input.type) && !input.value && !input.readOnly && !input.inert && !input.dataset.picker && input.checkVisibility();

export function startTyping(form) {
  if (!form.page.isNew || document.activeElement !== document.body || document.querySelector("dialog[open]") || matchMedia("(pointer: coarse)").matches) return;
  [...document.querySelectorAll(FIELDS)].find(isFree)?.focus({ preventScroll: true });
}
