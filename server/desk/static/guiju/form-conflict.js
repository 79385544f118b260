// Somebody else saved the record meanwhile: every field that differs with both values. The person chooses field by field; what
// only the other one changed is taken over unless they say otherwise, and nothing is lost.

export function showConflict(form, place, conflict, { save, reload }) {
  const { texts } = form;
  const table = Object.assign(document.createElement("table"), { className: "conflict" });
  const head = table.createTHead().insertRow();
  for (const text of [texts.field, texts.theirs, texts.mine]) head.append(Object.assign(document.createElement("th"), { textContent: text, scope: "col" }));
  const body = table.createTBody();
  for (const item of conflict.differences) body.append(...lines(form, item));
  place.append(table, buttons(texts, () => {
    for (const item of conflict.differences) {
      if (form.element.querySelector(`input[name="keep__${CSS.escape(item.fieldname)}"]:checked`)?.value === "theirs") take(form, item);
    }
    form.element.querySelector("[name=_version]").value = conflict.current_version;
    form.changed();
    save();
  }, reload));
}

function lines(form, item) {
  const line = document.createElement("tr");
  line.append(Object.assign(document.createElement("th"), { textContent: item.label, scope: "row" }));
  const mine = form.isChanged(item.fieldname);
  for (const [side, text, chosen] of [["theirs", item.theirs, !mine], ["mine", item.mine, mine]]) {
    const label = document.createElement("label");
    const choice = Object.assign(document.createElement("input"), { type: "radio", name: `keep__${item.fieldname}`, value: side, checked: chosen });
    label.append(choice, Object.assign(document.createElement("span"), { textContent: text || "—" }));
    line.insertCell().append(label);
  }
  const parts = (item.parts || []).map((part) => {
    const row = document.createElement("tr");
    row.className = "conflict-part";
    for (const text of [part.label, part.theirs || "—", part.mine || "—"]) row.insertCell().textContent = text;
    return row;
  });
  return [line, ...parts];
}

function take(form, item) {
  for (const [doctype, name, title] of item.titles || []) form.titles.set(`${doctype}/${name}`, title);
  form.set(item.fieldname, item.value);
}

function buttons(texts, save, reload) {
  const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
  for (const [label, style, press] of [[texts.take_theirs, "", reload], [texts.save_chosen, "primary", save]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: `button small ${style}`, textContent: label });
    button.addEventListener("click", press);
    actions.append(button);
  }
  return actions;
}
