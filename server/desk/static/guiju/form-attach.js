// Attachments: a file is uploaded when it is chosen; the form then carries its address. Photos are made smaller first, and stamped when the
// camera has just taken them (form-photo.js); pictures are marked on (form-mark.js).

import { shownAddress } from "./offline-files.js";
import { markOn } from "./form-mark.js";
import { isPhoto, shrink, stamped } from "./form-photo.js";
import { fileName } from "./form-values.js";

export function setUpAttachments(form) {
  for (const box of form.element.querySelectorAll(".field > [data-attachment]")) {
    const { name } = box.querySelector("input[type=hidden]");
    wire(form, box, name, form.fields.get(name)?.widget === "attach-image", (address) => {
      form.set(name, address);
      form.changed();
    });
  }
}

export function showAttachment(field, address, image) {
  const box = field.querySelector("[data-attachment]");
  box.querySelector("input[type=hidden]").value = address || "";
  show(box, address, image);
}

// The control of a grid cell.
export function attachFile(form, field, value, id, done, marked) {
  const image = field.widget === "attach-image";
  const box = document.createElement("div");
  box.className = "attachment";
  box.dataset.attachment = "";
  const shown = Object.assign(document.createElement("a"), { target: "_blank", rel: "noopener", className: image ? "thumbnail" : "file-name", hidden: !value });
  shown.dataset.shown = "";
  if (image) shown.append(Object.assign(document.createElement("img"), { alt: field.label }));
  const label = Object.assign(document.createElement("label"), { className: "button small" });
  const file = Object.assign(document.createElement("input"), { type: "file", id, className: "visually-hidden" });
  file.dataset.file = "";
  if (image) file.accept = "image/*";
  label.append(form.texts.upload, file);
  const clear = Object.assign(document.createElement("button"), { type: "button", className: "icon-button", textContent: "✕", hidden: !value });
  clear.setAttribute("aria-label", form.texts.remove);
  clear.dataset.clear = "";
  box.append(shown, label, clear);
  wire(form, box, field.fieldname, image, done, marked);
  if (value) show(box, value, image);
  return box;
}

// `marked` takes the address of a marked copy; without it the copy stands for the picture.
function wire(form, box, fieldname, image, done, marked = null) {
  const file = box.querySelector("[data-file]");
  const label = file.closest("label");
  const take = async (around, prepare) => {
    around.classList.add("is-busy");
    try {
      const { blob, name, from } = await prepare();
      if (!blob) return;
      const address = await upload(form, blob, name, fieldname, from);
      if (from) form.page.originals[address] = form.page.originals[from] || from;
      if (marked && around.matches("[data-mark]")) { marked(address); return; }
      show(box, address, image);
      done(address);
    } catch (error) {
      form.toast(error.message, "error");
    } finally {
      around.classList.remove("is-busy");
    }
  };
  const keep = (chosen) => take(label, async () => ({ blob: image ? await shrink(chosen) : chosen, name: chosen.name }));
  file.addEventListener("change", async (event) => {
    event.stopPropagation();
    const [chosen] = file.files;
    if (chosen) await keep(chosen);
    file.value = "";
  });
  box.addEventListener("dropped-file", (event) => keep(event.detail)); // see form-drop.js
  if (image) {
    box.origins = form.page.originals;
    const original = Object.assign(document.createElement("a"), { className: "original", target: "_blank", rel: "noopener", textContent: form.texts.original, hidden: true });
    box.append(original);
    addCamera(form, box, label, take);
    show(box, box.querySelector("input[type=hidden]")?.value, image);
  }
  box.querySelector("[data-clear]").addEventListener("click", () => {
    show(box, null, image);
    done(null);
  });
}

// What only pictures have: the camera (where there is one to hold), and marking.
function addCamera(form, box, label, take) {
  const camera = Object.assign(document.createElement("label"), { className: "button small camera" });
  const shot = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", className: "visually-hidden" });
  shot.capture = "environment";
  shot.dataset.camera = "";
  camera.append(form.texts.photo, shot);
  shot.addEventListener("change", async (event) => {
    event.stopPropagation();
    const [taken] = shot.files;
    if (taken) await take(camera, async () => (isPhoto(taken) ? stamped(form, taken) : { blob: taken, name: taken.name }));
    shot.value = "";
  });
  const mark = Object.assign(document.createElement("button"), { type: "button", className: "button small quiet", textContent: form.texts.mark, title: form.texts.mark_hint });
  mark.dataset.mark = "";
  mark.hidden = box.querySelector("[data-shown]").hidden;
  mark.addEventListener("click", () => take(mark, async () => {
    const shown = box.querySelector("[data-shown]");
    const { address } = shown.dataset;
    return { blob: await markOn(form.texts, shown.getAttribute("href")), name: `${form.texts.mark}-${fileName(address).replace(/\.\w+$/, "")}.jpg`, from: address };
  }));
  label.before(camera);
  label.after(mark);
}

function show(box, address, image) {
  const shown = box.querySelector("[data-shown]");
  shown.hidden = box.querySelector("[data-clear]").hidden = !address;
  const mark = box.querySelector("[data-mark]");
  if (mark) mark.hidden = !address;
  const original = box.querySelector(".original");
  if (original) {
    const first = box.origins[address];
    original.hidden = !first;
    if (first) original.href = shownAddress(first);
  }
  if (!address) return;
  shown.dataset.address = address;
  shown.href = shownAddress(address);
  if (image) shown.querySelector("img").src = shownAddress(address);
  else shown.textContent = fileName(address);
}

// `from` is the address of the picture that was drawn on.
async function upload(form, blob, filename, fieldname, from) {
  const body = new FormData();
  body.append("file", blob, filename);
  body.append("fieldname", fieldname);
  body.append("doctype", form.page.meta.doctype);
  if (from?.startsWith("/files/")) body.append("marked_from", from.split("/")[2]);
  const answer = await fetch("/upload", { method: "POST", body, headers: { Accept: "application/json", "X-CSRF-Token": form.csrf() } }).catch(() => null);
  if ((!answer || from?.startsWith("/pending/")) && form.offline?.isOn) return form.offline.keepFile(blob, filename, from);
  if (answer?.status === 401 && (await form.signIn())) return upload(form, blob, filename, fieldname, from);
  const result = (await answer?.json().catch(() => null)) || {};
  if (!answer?.ok) throw new Error(result.message || form.texts.upload_failed);
  return result.address;
}
