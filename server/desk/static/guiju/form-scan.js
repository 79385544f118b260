// A QR or bar code into a field: by the live camera where the browser gives one (HTTPS), from a photo anywhere. The browser's own
// detector is asked first; without one a worker decodes (scan-worker.js), which is fetched when somebody scans.

const FIELDS = { barcode: true, link: true };
const EVERY = 180; // milliseconds between two looks at the camera
const LONGEST = 1280;

export function setUpScanning(form) {
  const isTouched = window.matchMedia("(pointer: coarse)").matches;
  for (const box of form.element.querySelectorAll(".field[data-widget]")) {
    const field = form.fields.get(box.dataset.field);
    const input = box.querySelector("input[type=text], input:not([type])");
    if (!field || !input || !FIELDS[field.widget] || !form.open.has(field.fieldname) || (field.widget === "link" && !isTouched)) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "icon-button scan-button", title: form.texts.scan, ariaLabel: `${form.texts.scan}: ${field.label}` });
    button.innerHTML = '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M1 4V1.5h3M12 1.5h3V4M15 12v2.5h-3M4 14.5H1V12M4 5v6M6.5 5v6M8.5 5v6M12 5v6" fill="none" stroke="currentColor" stroke-width="1.3"/></svg>';
    button.addEventListener("click", async () => {
      const text = await scan(form.texts);
      if (text === null) return;
      input.focus();
      input.value = numberOf(text);
      input.dispatchEvent(new Event("input", { bubbles: true })); // a link offers what fits
    });
    if (field.widget === "link") input.before(button);
    else {
      const row = Object.assign(document.createElement("div"), { className: "scan-box" });
      input.replaceWith(row);
      row.append(button, input);
    }
  }
}

// Our own labels lead to the record's page: its number is what the field wants.
export function numberOf(text) {
  const found = /\/form\/[^/]+\/([^/?#]+)/.exec(text);
  return found ? decodeURIComponent(found[1]) : text.trim();
}

// Resolves to the text of the code, null when the dialog was closed.
export function scan(texts) {
  return new Promise((resolve) => new Scanner(texts, resolve));
}

class Scanner {
  constructor(texts, done) {
    Object.assign(this, { texts, found: null });
    this.dialog = Object.assign(document.createElement("dialog"), { className: "dialog scan-dialog", ariaLabel: texts.scan });
    this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, hidden: true });
    this.told = Object.assign(document.createElement("p"), { className: "hint" });
    this.told.setAttribute("role", "status");
    const label = Object.assign(document.createElement("label"), { className: "button", textContent: texts.scan_photo });
    const file = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", className: "visually-hidden" });
    file.capture = "environment";
    label.append(file);
    const close = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: texts.close });
    const actions = Object.assign(document.createElement("div"), { className: "dialog-actions" });
    actions.append(label, close);
    this.dialog.append(Object.assign(document.createElement("h2"), { textContent: texts.scan }), this.video, this.told, actions);
    close.addEventListener("click", () => this.dialog.close());
    file.addEventListener("change", () => this.fromPhoto(file.files[0]));
    this.dialog.addEventListener("close", () => { this.stop(); this.dialog.remove(); done(this.found); });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.look();
  }

  async look() {
    if (!navigator.mediaDevices?.getUserMedia) { this.told.textContent = this.texts.scan_no_camera; return; }
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }).catch(() => null);
    if (!this.stream || !this.dialog.open) { this.told.textContent = this.texts.scan_no_camera; this.stop(); return; }
    this.video.srcObject = this.stream;
    this.video.hidden = false;
    await this.video.play().catch(() => null);
    this.told.textContent = this.texts.scan_hint;
    while (this.dialog.open && this.stream) {
      const text = this.video.videoWidth ? await decode(this.video, this.video.videoWidth, this.video.videoHeight) : "";
      if (this.take(text)) return;
      if (text === null) { this.told.textContent = this.texts.scan_not_loaded; return; }
      await new Promise((resolve) => { setTimeout(resolve, EVERY); });
    }
  }

  async fromPhoto(photo) {
    const bitmap = photo && (await createImageBitmap(photo).catch(() => null));
    const text = bitmap ? await decode(bitmap, bitmap.width, bitmap.height) : "";
    if (this.take(text)) return;
    this.told.textContent = text === null ? this.texts.scan_not_loaded : this.texts.scan_nothing;
  }

  take(text) {
    if (!text) return false;
    this.found = text;
    navigator.vibrate?.(60);
    this.dialog.close();
    return true;
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
}

let detector = null;
let worker = null;

// The text of the code, empty where none is seen, null where what decodes could not be fetched.
async function decode(source, width, height) {
  detector ??= await makeDetector();
  if (detector) return (await detector.detect(source).catch(() => []))[0]?.rawValue || "";
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(width * scale), height: Math.round(height * scale) });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const image = pen.getImageData(0, 0, canvas.width, canvas.height);
  worker ??= new Worker(import.meta.resolve("/static/guiju/scan-worker.js"));
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => { event.preventDefault(); worker = null; resolve(null); };
    worker.postMessage(image, [image.data.buffer]);
  });
}

async function makeDetector() {
  const formats = (await window.BarcodeDetector?.getSupportedFormats().catch(() => [])) || [];
  return formats.includes("qr_code") && formats.includes("code_128") ? new window.BarcodeDetector() : false;
}
