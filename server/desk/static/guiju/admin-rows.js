// The admin UI's record form: child tables as rows instead of JSON, links that suggest while one types.
// The text area stays the carrier of the rows; it changes only when a row does.

for (const area of document.querySelectorAll("textarea[data-columns]")) setUpRows(area);
for (const input of document.querySelectorAll("input[data-link]")) setUpSuggestions(input, input.dataset.link, document.getElementById(input.getAttribute("list")));

function setUpRows(area) {
  const columns = JSON.parse(area.dataset.columns);
  const words = JSON.parse(area.dataset.words);
  const rows = readRows(area.value);
  if (!rows) return; // what cannot be read is left for people to mend
  const body = make("tbody");
  const keep = () => { area.value = JSON.stringify(rows.map(({ idx, ...row }) => row), null, 1); };
  const draw = () => {
    const drawn = rows.map((row, index) => rowOf(area.id, columns, words, row, index, { keep, remove: () => { rows.splice(index, 1); keep(); draw(); } }));
    if (!drawn.length) drawn.push(make("tr", {}, make("td", { className: "text-muted", colSpan: columns.length + 1, textContent: words.none })));
    body.replaceChildren(...drawn);
  };
  const add = make("button", { type: "button", className: "btn btn-light btn-sm", textContent: words.add });
  add.addEventListener("click", () => {
    rows.push(Object.fromEntries(columns.filter((column) => column.default !== null).map((column) => [column.name, column.default])));
    keep();
    draw();
    body.lastElementChild.querySelector("input, select, textarea")?.focus();
  });
  const head = make("thead", {}, make("tr", {}, ...columns.map((column) => make("th", { scope: "col", textContent: column.label + (column.required ? " *" : "") })), make("th")));
  const table = make("table", { className: "table table-sm" }, head, body);
  const editor = make("div", { className: "admin-rows" }, make("div", { className: "admin-table" }, table), add);
  editor.setAttribute("role", "group");
  editor.setAttribute("aria-label", document.querySelector(`label[for="${area.id}"]`)?.textContent.trim() || "");
  draw();
  area.hidden = true;
  area.after(editor);
}

function readRows(text) {
  try {
    const rows = JSON.parse(text || "[]");
    return Array.isArray(rows) && rows.every((row) => row && typeof row === "object") ? rows : null;
  } catch {
    return null;
  }
}

function rowOf(table, columns, words, row, index, { keep, remove }) {
  const cells = columns.map((column) => {
    const cell = make("td", {}, inputOf(column, row, keep, `${table}-${index}-${column.name}`));
    cell.dataset.label = column.label;
    return cell;
  });
  const button = make("button", { type: "button", className: "btn btn-light btn-sm", textContent: "×", title: words.remove });
  button.setAttribute("aria-label", `${words.remove} ${index + 1}`);
  button.addEventListener("click", remove);
  return make("tr", {}, ...cells, make("td", { className: "admin-row-end" }, button));
}

function inputOf(column, row, keep, id) {
  const value = plain(row[column.name]);
  const input = bare(column, value);
  input.id = id;
  input.setAttribute("aria-label", column.label);
  if (column.fixed) input.disabled = true;
  input.addEventListener("change", () => {
    row[column.name] = column.kind === "check" ? Number(input.checked) : input.value === "" ? null : input.value;
    keep();
  });
  if (column.kind !== "link") return input;
  const list = make("datalist", { id: `${id}-choices` });
  input.setAttribute("list", list.id);
  setUpSuggestions(input, column.link, list);
  return make("span", {}, input, list);
}

function bare(column, value) {
  if (column.kind === "check") return make("input", { type: "checkbox", checked: Boolean(Number(value || 0)) });
  if (column.kind === "long") return make("textarea", { className: "form-control form-control-sm", rows: 2, value });
  if (column.kind !== "select") return make("input", { type: column.kind === "date" ? "date" : "text", className: "form-control form-control-sm", value, autocomplete: "off" });
  const known = column.choices.some(([choice]) => choice === value) || value === "";
  const choices = [["", ""], ...column.choices, ...(known ? [] : [[value, value]])];
  const select = make("select", { className: "form-control form-control-sm" }, ...choices.map(([choice, label]) => make("option", { value: choice, textContent: label })));
  select.value = value;
  return select;
}

// Numbers come as {"$n": "12.50"} so that none loses a digit.
function plain(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "object" && "$n" in value ? value.$n : String(value);
}

function setUpSuggestions(input, doctype, list) {
  let timer = 0;
  const suggest = async () => {
    const answer = await fetch(`/link/${encodeURIComponent(doctype)}?q=${encodeURIComponent(input.value)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const { choices } = await answer.json();
    list.replaceChildren(...choices.map((choice) => make("option", { value: choice.value, label: [choice.title, choice.description].filter(Boolean).join(" · ") })));
  };
  input.addEventListener("focus", suggest, { once: true });
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, 150); });
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
