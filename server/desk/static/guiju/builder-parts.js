// The small pieces of the builder's pages: elements, and inputs that stand under their label.
export function make(tag, properties = {}, ...children) {
  const { dataset, aria, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset);
  for (const [name, value] of Object.entries(aria || {})) element.setAttribute(`aria-${name}`, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

let made = 0;

function under(label, input) {
  input.id ||= `b-${++made}`;
  return make("div", { className: "form-group" }, make("label", { htmlFor: input.id, textContent: label }), input);
}

// A line of text; `changed` hears every stroke.
export function textInput(label, value, changed, more = {}) {
  const input = make("input", { className: "form-control form-control-sm", value: value ?? "", ...more });
  input.addEventListener("input", () => changed(input.value));
  return under(label, input);
}

export function textArea(label, value, changed, rows = 4) {
  const input = make("textarea", { className: "form-control form-control-sm", rows, value: value ?? "", spellcheck: false });
  input.addEventListener("input", () => changed(input.value));
  return under(label, input);
}

// One of [[value, words], ...].
export function choice(label, value, choices, changed) {
  const input = make("select", { className: "custom-select custom-select-sm" });
  const known = choices.some(([key]) => key === (value ?? ""));
  for (const [key, words] of known ? choices : [[value, value], ...choices]) input.append(new Option(words, key, false, key === (value ?? "")));
  input.addEventListener("change", () => changed(input.value));
  return label ? under(label, input) : input;
}

export function check(label, value, changed) {
  const input = make("input", { type: "checkbox", id: `b-${++made}`, checked: Boolean(Number(value || 0)) });
  input.addEventListener("change", () => changed(input.checked ? 1 : 0));
  return make("label", { className: "builder-check", htmlFor: input.id }, input, make("span", { textContent: label }));
}

export function button(label, pressed, more = {}) {
  const element = make("button", { type: "button", className: "btn btn-light btn-sm", textContent: label, ...more });
  element.addEventListener("click", pressed);
  return element;
}

// A text in two languages, as metadata holds it: one string where both agree.
export const zhOf = (text) => (text && typeof text === "object" ? text.zh || "" : text || "");
export const enOf = (text) => (text && typeof text === "object" ? text.en || "" : text || "");

// The two texts for two boxes. One string for both stands in the box of its language alone, so that typing there does not leave the
// old text behind as the other one.
export function bothOf(text) {
  if (text && typeof text === "object") return [text.zh || "", text.en || ""];
  return !text || /\p{Script=Han}/u.test(text) ? [text || "", ""] : ["", text];
}

export function bilingual(zh, en) {
  if (!zh && !en) return undefined;
  if (!zh || !en || zh === en) return zh || en;
  return { zh, en };
}

export function said(text, language) {
  return language === "zh" ? zhOf(text) || enOf(text) : enOf(text) || zhOf(text);
}
