// Blocks of a spreadsheet as text, the way Excel and LibreOffice put them on the clipboard: tabs between cells, quotes where needed.
const FORMULA = /^[=+\-@]/;

// What would be computed when pasted goes as text; a plain negative number and our "-" do not need it.
function written(cell) {
  const text = FORMULA.test(cell) && cell !== "-" && !/^-?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
  return /[\t\n]/.test(text) || (text.startsWith('"') && text.includes('""')) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const writeBlock = (lines) => lines.map((line) => line.map(written).join("\t")).join("\r\n") + "\r\n";

// A cell in quotes is one only where the spreadsheet put them there: it holds a tab, a line end or a doubled quote.
const QUOTED = /^"((?:[^"]|"")*)"(?=\t|\r?\n|$)/;

export function readBlock(text) {
  const lines = [[]];
  let rest = text.replace(/\r\n/g, "\n").replace(/\n$/, "");
  for (;;) {
    const found = QUOTED.exec(rest);
    const isQuoted = found && (found[1].includes('""') || /[\t\n]/.test(found[1]));
    const raw = isQuoted ? found[1].replaceAll('""', '"') : /^[^\t\n]*/.exec(rest)[0];
    rest = rest.slice(isQuoted ? found[0].length : raw.length);
    const plain = raw.startsWith("'") && FORMULA.test(raw.slice(1)) ? raw.slice(1) : raw;
    lines.at(-1).push(plain);
    if (!rest) return lines;
    if (rest[0] === "\n") lines.push([]);
    rest = rest.slice(1);
  }
}
