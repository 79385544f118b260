// Where typing begins: on a new record the caret stands in the first field that is empty, as in a sheet, and no letter is taken for a key of
// the page. Not in a date, whose calendar would open, and not where a keyboard on the screen would cover the form.
const FIELDS = "#record .field > :is(input, textarea), #record .field > .link-input > input";
const TYPED = ["text", "tel", "textarea"];

const isFree = (input) => TYPED.includes(input.type) && !input.value && !input.readOnly && !input.inert && !input.dataset.picker && input.checkVisibility();

export function startTyping(form) {
  if (!form.page.isNew || document.activeElement !== document.body || document.querySelector("dialog[open]") || matchMedia("(pointer: coarse)").matches) return;
  [...document.querySelectorAll(FIELDS)].find(isFree)?.focus({ preventScroll: true });
}
