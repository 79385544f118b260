// What stands behind a field, without leaving its input: F1 opens and closes it. The sign itself is no stop of the Tab key
// where the field has an input to press F1 in, so that entering by keyboard goes from input to input.

const ENTERED = "input:not([type=hidden], [inert]), select, textarea, [contenteditable=true], button:not(.help-mark)";

export function setUpHelp(form) {
  for (const sign of form.element.querySelectorAll(".help-mark")) placeHelp(sign.closest(".field"));
  form.element.addEventListener("keydown", (event) => {
    const sign = event.key === "F1" && event.target.closest(".field")?.querySelector(":scope > .help-mark");
    if (!sign) return;
    event.preventDefault();
    sign.click();
  });
}

// Anew whenever a field is opened or closed: who cannot reach its input reaches its sign.
export function placeHelp(box) {
  const sign = box.querySelector(":scope > .help-mark");
  if (sign) sign.tabIndex = box.querySelector(ENTERED) ? -1 : 0;
}
