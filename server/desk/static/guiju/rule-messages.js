// A text for people in Chinese and English, into which values of fields are put.
import { bilingual, bothOf, make } from "./builder-parts.js";
import { picker } from "./rule-picker.js";

export function messageEditor({ label, value, put, scope, page, rows = 2 }) {
  const { words, language } = page;
  let [zh, en] = bothOf(value);
  const box = make("div", { className: "rule-message", role: "group", aria: { label } });
  const tell = () => put(bilingual(zh, en));
  const area = (text, of, write) => {
    const input = make("textarea", { className: "form-control form-control-sm", rows, value: text, aria: { label: `${label} (${of})` }, placeholder: of });
    input.addEventListener("input", () => { write(input.value); tell(); });
    input.addEventListener("focus", () => { last = input; });
    return input;
  };
  const inChinese = area(zh, words.zh, (text) => { zh = text; });
  const inEnglish = area(en, words.en, (text) => { en = text; });
  let last = language === "zh" ? inChinese : inEnglish;
  const insert = () => picker({ label: words.insert, value: "", words, placeholder: words.insert, options: () => scope.placeOptions(), chosen: (path) => {
    if (!path) return;
    for (const input of last === inChinese || last === inEnglish ? [last] : [inChinese, inEnglish]) {
      input.setRangeText(`{${path}}`, input.selectionStart, input.selectionEnd, "end");
      input.dispatchEvent(new Event("input"));
    }
    slot.replaceChildren(insert());
    last.focus();
  } });
  const slot = make("div", { className: "rule-insert" }, insert());
  box.append(make("div", { className: "rule-message-texts" }, inChinese, inEnglish), slot);
  return box;
}
