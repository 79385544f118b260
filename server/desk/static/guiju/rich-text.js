// What of an HTML text may stand on a page: a copy made of allowed elements only. Nothing of the original runs or loads.
const WRITTEN = { P: "p", DIV: "p", BR: "br", B: "b", STRONG: "b", I: "i", EM: "i", U: "u", UL: "ul", OL: "ol", LI: "li", H1: "h3", H2: "h3", H3: "h3", H4: "h3", H5: "h3", H6: "h3" };
// What a stored text may hold beside, written by another program: it stays when the text is opened here.
const KEPT = new Set("a abbr blockquote caption cite code col colgroup dd del dl dt figcaption figure hr img ins kbd mark pre q s small span strike strong em sub sup table tbody td tfoot th thead tr div h1 h2 h4 h5 h6".split(" "));
const ATTRIBUTES = new Set(["href", "src", "alt", "title", "colspan", "rowspan", "start"]);
const DROPPED = new Set("SCRIPT STYLE HEAD TITLE META LINK TEMPLATE IFRAME OBJECT EMBED SVG MATH FORM INPUT BUTTON SELECT TEXTAREA NOSCRIPT".split(" "));
const BLOCKS = new Set("P DIV UL OL LI H1 H2 H3 H4 H5 H6 TR TABLE BLOCKQUOTE PRE SECTION ARTICLE HEADER FOOTER DL DT DD".split(" "));
// Styles and event handlers are taken out beforehand: the browser would report each that its policy keeps from acting.
const STYLES = /<style[\s\S]*?<\/style>/gi;
const ACTING = /[\s/](style|on\w+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi;
const parse = (html) => {
  const bare = html.replace(STYLES, "").replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(ACTING, ""));
  return new DOMParser().parseFromString(bare, "text/html").body;
};

// A fragment of `html`: what the toolbar can write; with `whole`, everything harmless.
export function clean(html, { whole = false }) {
  const found = document.createDocumentFragment();
  copy(parse(html), found, whole);
  return found;
}

function copy(from, to, whole) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.tagName.toUpperCase())) continue;
    const name = nameOf(node, to, whole);
    if (!name) { copy(node, to, whole); continue; }
    const made = document.createElement(name);
    if (whole) carry(node, made);
    copy(node, made, whole);
    if (whole || name === "br" || made.textContent.trim() || made.querySelector("br")) to.append(made);
  }
}

function nameOf(node, to, whole) {
  const name = node.tagName.toLowerCase();
  if (whole) return KEPT.has(name) || WRITTEN[node.tagName] ? name : null;
  // a paragraph in a paragraph, or a block of another kind: only its text
  if (WRITTEN[node.tagName] === "p" && (to.nodeName !== "#document-fragment" || [...node.children].some((child) => BLOCKS.has(child.tagName)))) return null;
  return WRITTEN[node.tagName] || (node.tagName === "TR" ? "p" : null);
}

function carry(node, made) {
  for (const { name, value } of node.attributes) {
    const harmless = !["href", "src"].includes(name) || /^(https?:|mailto:|\/(?!\/))/i.test(value);
    if (ATTRIBUTES.has(name) && harmless) made.setAttribute(name, value);
  }
}

export const isBlank = (area) => !area.textContent.trim() && !area.querySelector("img, hr, table");

// White space between elements of a pasted page means nothing.
export const tidy = (html) => html.replace(/[\t\r\n ]+/g, " ").trim();

// A rich text in one line, for a cell.
export function plainText(html) {
  const body = parse(html || "");
  for (const block of body.querySelectorAll("br, p, div, li, tr, h1, h2, h3, h4, h5, h6")) block.after(" ");
  return body.textContent.replace(/\s+/g, " ").trim();
}
