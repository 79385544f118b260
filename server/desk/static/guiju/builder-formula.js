// A formula as people write it, 数量 × 单价 or sum(明细.金额), as one that is kept, qty * price: the Chinese titles of fields become their
// names, full-width signs those of expressions. What stands in quotes stays. English titles are words that a formula may mean otherwise.
import { zhOf } from "./builder-parts.js";

const SIGNS = { "×": "*", "÷": "/", "＊": "*", "／": "/", "＋": "+", "－": "-", "（": "(", "）": ")", "，": ",", "＞": ">", "＜": "<", "％": "%" };
const QUOTED = /("[^"]*"|'[^']*')/;

export function inNames(formula, piece, children) {
  const titles = titlesOf(piece, children);
  return formula.split(QUOTED).map((part, at) => (at % 2 ? part : plain(part, titles))).join("");
}

// [title, name], the longest first, so that 损坏说明 is not taken for 损坏.
function titlesOf(piece, children) {
  const own = piece.fields.map(({ raw }) => [zhOf(raw.label), raw.fieldname, children.get(raw.options)]);
  const columns = own.flatMap(([title, name, child]) => (child ? child.fields.map(({ raw }) => [`${title}.${zhOf(raw.label)}`, `${name}.${raw.fieldname}`]) : []));
  return [...own, ...columns].filter(([title, name]) => name && /\p{Script=Han}/u.test(title)).sort(([one], [other]) => other.length - one.length);
}

function plain(part, titles) {
  const named = titles.reduce((text, [title, name]) => text.replaceAll(title, name), part);
  return [...named].map((sign) => SIGNS[sign] || sign).join("");
}
