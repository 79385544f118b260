// Many fields at once: what people call them, a line each, typed or pasted from a sheet; the type follows from the words.
//   检验日期 | Checked on        both languages
//   # 检查项目                   a new section
//   项目（检查项、结果、备注）      a child table with its columns
import { bilingual, make } from "./builder-parts.js";

const GUESSES = [
  ["Check", /^(是否|有无|是不是)|[?？]$|^(is|has|was) /i],
  ["Signature", /签名|签字|signature|signed/i],
  ["Attach Image", /照片|图片|photo|picture/i],
  ["Attach", /附件|文件$|attachment|\bfile\b/i],
  ["Datetime", /时间$|时刻|\btime\b/i],
  ["Date", /日期|日$|\bdate\b|\b((?!based)\w+ed|done|due|held|left|made|paid|sent) on$/i],
  ["Small Text", /备注|说明|描述|原因|意见|措施|结论|remark|note|description|reason|comment|conclusion/i],
  ["Barcode", /条码|barcode/i],
  ["Phone", /电话|手机|phone|mobile/i],
  ["Percent", /比例|百分|合格率|percent|%/i],
  ["Currency", /金额|单价|总价|价格|总额|合计$|总计$|费用?$|损失|amount|price|cost|loss|\btotal$/i],
  ["Int", /数量?$|台数|件数|人数|次数|\bqty\b|quantity|count$|number of|pieces|machines/i],
  ["Float", /长度|重量|温度|尺寸|值$|length|weight|temperature|value$/i],
];
const PERSON = /(人|员|负责)$|^(in charge|inspector|operator|owner)$|\bby$/i;
const LINE_OF_TABLE = /^(.*?)\s*[(（]([^()（）]+)[)）]\s*$/;

// {zh, en} of "检验日期 | Checked on"; one language where only one was given.
function named(text, language) {
  const [first, second] = text.split(/[|\t｜]/).map((part) => part.trim());
  if (second) return { zh: first, en: second };
  return language === "en" && !/[^\x00-\x7f]/.test(first) ? { zh: "", en: first } : { zh: first, en: /[^\x00-\x7f]/.test(first) ? "" : first };
}

function guess({ zh, en }, page) {
  const both = [zh, en].filter(Boolean);
  const own = (page.language === "en" ? en || zh : zh || en).toLowerCase(); // record types stand under their titles in the reader's language
  const target = page.doctypes.find(([name, label, isTable]) => !isTable && [label, name].some((text) => text.toLowerCase() === own));
  if (target) return { fieldtype: "Link", options: target[0] };
  const guessed = GUESSES.find(([, words]) => both.some((text) => words.test(text)))?.[0];
  if (!guessed && both.some((text) => PERSON.test(text)) && page.doctypes.some(([name]) => name === "User")) return { fieldtype: "Link", options: "User" };
  return { fieldtype: guessed || "Data" };
}

// The text as what is to be added: [{label, fieldtype, options, columns}].
export function readFields(text, page) {
  return text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean).map((line) => {
    if (line.startsWith("#")) return { ...named(line.replace(/^#+\s*/, ""), page.language), fieldtype: "Section Break" };
    const table = LINE_OF_TABLE.exec(line);
    const columns = table && table[2].split(/[、,，;；]/).map((part) => part.trim()).filter(Boolean);
    if (columns?.length > 1) {
      const names = columns.map((part) => named(part, page.language));
      return { ...named(table[1], page.language), fieldtype: "Table", columns: names.map((name) => ({ ...name, ...guess(name, page) })) };
    }
    const name = named(line, page.language);
    return { ...name, ...guess(name, page) };
  });
}

// The line under the canvas.
export class QuickLine {
  constructor(drawing, element, page) {
    Object.assign(this, { drawing, page });
    const input = make("textarea", { rows: 1, className: "form-control form-control-sm", placeholder: page.words.quick_hint, spellcheck: false, aria: { label: page.words.quick } });
    input.addEventListener("input", () => { input.rows = Math.min(12, input.value.split("\n").length); });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || !input.value.trim()) return;
      event.preventDefault();
      this.add(input.value);
      input.value = "";
      input.rows = 1;
      input.focus();
      element.scrollIntoView({ block: "nearest" });
    });
    element.replaceChildren(make("small", { className: "text-muted", textContent: page.words.quick_help }), input);
  }

  add(text) {
    const { drawing } = this;
    const wanted = readFields(text, this.page);
    drawing.change(() => {
      const chosen = drawing.selected.table ? null : drawing.main.fields.find((field) => field.id === drawing.selected.id);
      let at = chosen ? drawing.main.fields.indexOf(chosen) + 1 : drawing.main.fields.length;
      let last = null;
      for (const item of wanted) {
        last = this.field(item, drawing.main);
        drawing.main.fields.splice(at, 0, last);
        at += 1;
      }
      drawing.selected = { id: last?.id || null, table: null };
    });
  }

  field({ zh, en, fieldtype, options, columns }, piece) {
    const { drawing } = this;
    const label = bilingual(zh, en);
    const raw = drawing.blank(fieldtype, label, piece);
    if (label) raw.label = label;
    if (options) raw.options = options;
    const stem = en.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 40);
    if (stem) raw.fieldname = drawing.free(stem, piece);
    if (columns) {
      const child = drawing.children.get(raw.options);
      child.fields = [];
      for (const column of columns) child.fields.push(this.field(column, child));
    }
    return drawing.wrap(raw);
  }
}
