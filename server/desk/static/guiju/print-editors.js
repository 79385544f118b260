// One editor for each type of a block's property: (item, value, changed, block) -> element. `changed(value, redraw)` hears it.
import { bilingual, bothOf, button, check, choice, make, textArea, textInput } from "./builder-parts.js";
import { moved } from "./rule-document.js";
import { chips, picker } from "./rule-picker.js";

const PICTURE_PIXELS = 900;

export function editors(page) {
  const { words } = page;
  const labelled = (label, ...inputs) => make("div", { className: "form-group" }, make("span", { className: "rule-label", textContent: label }), ...inputs);
  const fieldOptions = () => page.fields.filter((field) => !(field.name in page.tables)).map(({ name, label }) => ({ value: name, title: label, detail: name }));
  const columnChoices = (table) => (page.tables[table] || []).map(({ name, label }) => [name, label]);

  function inBothLanguages(item, value, changed, input) {
    let [zh, en] = bothOf(value);
    const keep = () => changed(bilingual(zh, en));
    return labelled(item.label, make("div", { className: "builder-pair" }, input(words.zh, zh, (typed) => { zh = typed; keep(); }), input(words.en, en, (typed) => { en = typed; keep(); })));
  }

  // Text with places: what is chosen from the list goes where one writes.
  function places(item, value, changed) {
    let writing = null;
    const area = (label, text, typed) => {
      const box = textArea(label, text, typed, 3);
      const input = box.querySelector("textarea");
      input.addEventListener("focus", () => { writing = input; });
      writing ||= input;
      return box;
    };
    const box = inBothLanguages(item, value, changed, area);
    const offered = [...page.fields.filter((field) => !(field.name in page.tables)).map(({ name, label }) => [name, label]), ["name", "name"], ...page.place_words];
    const insert = choice(words.put_place, "", [["", words.put_place], ...offered], (name) => {
      if (!name) return;
      insert.querySelector("select").value = "";
      writing.setRangeText(`{{ ${name} }}`, writing.selectionStart, writing.selectionEnd, "end");
      writing.dispatchEvent(new Event("input"));
      writing.focus();
    });
    box.append(insert);
    return box;
  }

  function names(item, value, changed) {
    const options = fieldOptions();
    const titles = new Map(page.fields.map(({ name, label }) => [name, label]));
    const list = [...(value || [])];
    return labelled(item.label, chips({ label: item.label, values: list, titleOf: (name) => titles.get(name) || name, words, changed: () => changed([...list]),
      add: (take) => picker({ label: item.label, value: "", placeholder: `＋ ${words.add}`, words, options: () => options.filter((option) => !list.includes(option.value)), chosen: take }) }));
  }

  // Rows of a list with buttons to move and remove them; `row(value, change)` draws one.
  function rows(list, changed, row) {
    return make("div", { className: "print-rows" }, ...list.map((one, index) => {
      const tools = [["↑", words.up, () => moved(list, index, -1)], ["↓", words.down, () => moved(list, index, 1)], ["✕", words.remove, () => list.splice(index, 1)]]
        .map(([sign, label, act]) => button(sign, () => { act(); changed([...list], true); }, { ariaLabel: label, title: label }));
      return make("div", { className: "print-row" }, ...row(one, (redraw = false) => changed([...list], redraw)), make("span", { className: "print-row-tools" }, ...tools));
    }));
  }

  function columns(item, value, changed, block) {
    const list = (value || []).map((column) => ({ ...column }));
    const labels = new Map(columnChoices(block.table));
    const drawn = rows(list, changed, (column, done) => {
      const width = make("input", { type: "number", className: "form-control form-control-sm", min: 0, max: 100, value: column.width ?? "", placeholder: words.width, ariaLabel: `${words.width} ${labels.get(column.field) || column.field}` });
      width.addEventListener("input", () => { if (width.value) column.width = Number(width.value); else delete column.width; done(); });
      const total = block.kind === "table" ? [check(words.total, column.total || 0, (on) => { if (on) column.total = 1; else delete column.total; done(); })] : [];
      return [make("span", { className: "print-row-name", textContent: labels.get(column.field) || column.field }), width, ...total];
    });
    const left = columnChoices(block.table).filter(([name]) => !list.some((column) => column.field === name));
    const add = choice("", "", [["", words.column_add], ...left], (name) => { if (name) changed([...list, { field: name }], true); });
    add.setAttribute("aria-label", words.column_add);
    return labelled(item.label, drawn, add);
  }

  function boxes(item, value, changed) {
    const list = (value || []).map((box) => ({ ...box }));
    const options = page.fields.filter((field) => field.type === "Signature").map(({ name, label }) => [name, label]);
    const drawn = rows(list, changed, (box, done) => {
      if (box.field) return [choice("", box.field, options, (name) => { box.field = name; done(); })];
      let [zh, en] = bothOf(box.text);
      const keep = () => { box.text = bilingual(zh, en) || ""; done(); };
      const line = (text, label, typed) => { const input = make("input", { className: "form-control form-control-sm", value: text, ariaLabel: `${words.box_text} ${label}`, placeholder: label }); input.addEventListener("input", () => typed(input.value)); return input; };
      return [line(zh, words.zh, (typed) => { zh = typed; keep(); }), line(en, words.en, (typed) => { en = typed; keep(); })];
    });
    const add = choice("", "", [["", words.box_add], ["+", words.box_text], ...options], (name) => { if (name) changed([...list, name === "+" ? { text: { zh: "签字", en: "Signature" } } : { field: name }], true); });
    add.setAttribute("aria-label", words.box_add);
    return labelled(item.label, drawn, add);
  }

  // A picture is made small before it goes into the format.
  function chosenPicture(item, value, changed) {
    const input = make("input", { type: "file", accept: "image/png,image/jpeg", className: "form-control-file", ariaLabel: item.label });
    const told = make("p", { className: "text-danger", hidden: true });
    input.addEventListener("change", async () => {
      const bitmap = input.files[0] && (await createImageBitmap(input.files[0]).catch(() => null));
      told.hidden = Boolean(bitmap);
      told.textContent = words.picture_bad;
      if (!bitmap) return;
      const scale = Math.min(1, PICTURE_PIXELS / Math.max(bitmap.width, bitmap.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.max(1, Math.round(bitmap.width * scale)), height: Math.max(1, Math.round(bitmap.height * scale)) });
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const png = canvas.toDataURL("image/png");
      changed(png.length > 200000 && input.files[0].type === "image/jpeg" ? canvas.toDataURL("image/jpeg", 0.85) : png, true);
    });
    const shown = value ? [make("img", { className: "print-picture", src: value, alt: item.label }), button(words.picture_none, () => changed(undefined, true))] : [];
    return labelled(item.label, ...shown, input, told);
  }

  // How many columns stand side by side; a column more begins empty, one less gives its blocks to the one before.
  function cells(item, value, changed, block) {
    const list = value || [];
    return choice(item.label, String(list.length), ["1", "2", "3", "4"].map((count) => [count, count]), (typed) => {
      const count = Number(typed);
      const made = list.slice(0, count);
      while (made.length < count) made.push([]);
      made[count - 1] = [...made[count - 1], ...list.slice(count).flat()];
      block.widths = made.map(() => Math.floor(100 / count));
      changed(made, true);
    });
  }

  return {
    text: (item, value, changed) => inBothLanguages(item, value, changed, textInput),
    places,
    number: (item, value, changed) => textInput(item.label, value, (typed) => changed(typed === "" ? undefined : Number(typed)), { type: "number", min: item.low, max: item.high, step: "any" }),
    check: (item, value, changed) => make("div", {}, check(item.label, value || 0, changed)),
    choice: (item, value, changed) => choice(item.label, value, item.choices, changed),
    field: (item, value, changed) => labelled(item.label, picker({ label: item.label, value: value || "", words, options: fieldOptions, chosen: (name) => changed(name) })),
    fields: names,
    table: (item, value, changed, block) => choice(item.label, value || "", Object.keys(page.tables).map((name) => [name, page.labelOf(name)]), (name) => {
      if (block.columns) block.columns = columnChoices(name).slice(0, 5).map(([field]) => ({ field }));
      changed(name, true);
    }),
    column: (item, value, changed, block) => choice(item.label, value || "", [["", "—"], ...columnChoices(block.table)], changed),
    content: (item, value, changed) => choice(item.label, value || "address", [["address", words.address], ["name", "name"], ...page.fields.filter((field) => !(field.name in page.tables)).map(({ name, label }) => [name, label])], changed),
    columns, boxes, cells,
    widths: (item, value, changed) => textInput(item.label, (value || []).join(", "), (typed) => changed(typed.split(/[,，、\s]+/).filter(Boolean).map(Number))),
    picture: chosenPicture,
    html: (item, value, changed) => textArea(item.label, value || "", changed, 10),
  };
}
