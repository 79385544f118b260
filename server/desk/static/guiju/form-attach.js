// Attachments: a file is uploaded when it is chosen; the form then carries its address. Photos are made smaller first.

import { shownAddress } from "./offline-files.js";
import { fileName } from "./form-values.js";

const LONGEST_SIDE = 1600;

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
export function attachFile(form, field, value, id, done) {
  const image = field.widget === "attach-image";
  const box = document.createElement("div");
  box.className = "attachment";
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
  wire(form, box, field.fieldname, image, done);
  if (value) show(box, value, image);
  return box;
}

function wire(form, box, fieldname, image, done) {
  const file = box.querySelector("[data-file]");
  const label = file.closest("label");
  file.addEventListener("change", async (event) => {
    event.stopPropagation();
    if (!file.files.length) return;
    label.classList.add("is-busy");
    try {
      const chosen = image ? await shrink(file.files[0]) : file.files[0];
      const address = await upload(form, chosen, file.files[0].name, fieldname);
      show(box, address, image);
      done(address);
    } catch (error) {
      form.toast(error.message, "error");
    } finally {
      label.classList.remove("is-busy");
      file.value = "";
    }
  });
  box.querySelector("[data-clear]").addEventListener("click", () => {
    show(box, null, image);
    done(null);
  });
}

function show(box, address, image) {
  const shown = box.querySelector("[data-shown]");
  shown.hidden = box.querySelector("[data-clear]").hidden = !address;
  if (!address) return;
  shown.href = shownAddress(address);
  if (image) shown.querySelector("img").src = shownAddress(address);
  else shown.textContent = fileName(address);
}

async function upload(form, blob, filename, fieldname) {
  const body = new FormData();
  body.append("file", blob, filename);
  body.append("fieldname", fieldname);
  body.append("doctype", form.page.meta.doctype);
  const answer = await fetch("/upload", { method: "POST", body, headers: { Accept: "application/json", "X-CSRF-Token": form.csrf() } }).catch(() => null);
  if (!answer && form.offline?.isOn) return form.offline.keepFile(blob, filename);
  if (answer?.status === 401 && (await form.signIn())) return upload(form, blob, filename, fieldname);
  const result = (await answer?.json().catch(() => null)) || {};
  if (!answer?.ok) throw new Error(result.message || form.texts.upload_failed);
  return result.address;
}

async function shrink(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap || Math.max(bitmap.width, bitmap.height) <= LONGEST_SIDE) return file;
  const scale = LONGEST_SIDE / Math.max(bitmap.width, bitmap.height);
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob || file), file.type, 0.85));
}
