// The dialog in which the editors of metadata put something in force: what it changes, a refusal beside the button.
import { button, make } from "./builder-parts.js";

export function dialog(title) {
  const element = make("dialog", { className: "builder-dialog rule-dialog", aria: { label: title } }, make("h2", { className: "admin-heading", textContent: title }));
  const actions = make("div", { className: "admin-actions" });
  element.append(actions);
  const close = () => element.close();
  element.addEventListener("close", () => element.remove());
  const put = (...parts) => parts.forEach((part) => element.insertBefore(part, actions));
  return { element, actions, close, put, open: () => { document.body.append(element); element.showModal(); } };
}

// Lines under a heading; nothing where there are none.
export const listed = (title, lines, className = "") => (lines.length ? [make("h3", { className: "admin-heading", textContent: title }), make("ul", { className }, ...lines.map((line) => make("li", { textContent: line })))] : []);

// The button that publishes and the place where a refusal is told. `send` asks the server, `leave` opens what is in force then.
export function confirmation(label, send, leave) {
  const told = make("p", { className: "text-danger", hidden: true, role: "alert" });
  const confirm = button(label, async () => {
    confirm.disabled = true;
    const done = await send();
    if (done.published) { leave(done); return; }
    confirm.disabled = false;
    told.textContent = done.faults.map((fault) => fault.message).join(" ");
    told.hidden = false;
  }, { className: "btn btn-primary btn-sm" });
  return { told, confirm };
}
