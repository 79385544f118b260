// Photos before they are sent: smaller, and those just taken with time and name burnt in, so that a print shows when it was taken.
// A file that was chosen is not stamped: nobody here knows when it was made.

const LONGEST_SIDE = 1600;
const QUALITY = 0.85;

export const isPhoto = (file) => /^image\/(jpeg|png|webp)$/.test(file.type);

// A picture as a canvas, no side longer than `longest` pixels; null for what the browser cannot show.
export async function canvasOf(blob, longest = LONGEST_SIDE) {
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (!bitmap) return null;
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export const blobOf = (canvas, type = "image/jpeg") => new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));

export async function shrink(file) {
  if (!isPhoto(file)) return file;
  const canvas = await canvasOf(file);
  if (!canvas || (canvas.width === 0) || (await isSmall(file, canvas))) return file;
  return (await blobOf(canvas, file.type)) || file;
}

// Nothing would be won: the picture has the size that it may have.
async function isSmall(file, canvas) {
  const bitmap = await createImageBitmap(file);
  return bitmap.width === canvas.width;
}

// What the camera has just taken, stamped with the site's time and who took it.
export async function stamped(form, file, now = new Date()) {
  const canvas = await canvasOf(file);
  if (!canvas) return { blob: file, name: file.name };
  const at = now.toLocaleString("sv-SE", { timeZone: form.page.zone, dateStyle: "short", timeStyle: "short" });
  stamp(canvas, `${at}  ${form.page.user.full_name}`);
  const blob = await blobOf(canvas);
  return { blob, name: `${form.texts.photo}-${at.replace(/[^\d]/g, "")}.jpg` };
}

function stamp(canvas, text) {
  const size = Math.max(14, Math.round(canvas.width / 38));
  const pen = canvas.getContext("2d");
  pen.font = `600 ${size}px sans-serif`;
  const width = pen.measureText(text).width + size;
  pen.fillStyle = "rgb(0 0 0 / 55%)";
  pen.fillRect(canvas.width - width - size / 2, canvas.height - size * 2.1, width, size * 1.7);
  pen.fillStyle = "#ffe9a8";
  pen.textBaseline = "middle";
  pen.fillText(text, canvas.width - width, canvas.height - size * 1.25);
}
