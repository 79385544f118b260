// Photos and files chosen without network: kept in this browser under an address of their own, `/pending/<id>/<name>`, which is
// replaced by the server's when they are sent.
import { addFile, readFile } from "./offline-store.js";

const PENDING = /\/pending\/([0-9a-f-]{36})\/[^"\\\s]*/g;
const shown = new Map(); // id: address of the blob on this page

// `from` is the address of the picture that was drawn on: it is sent before the marked one.
export async function keepFile(user, blob, filename, from) {
  const id = crypto.randomUUID();
  await addFile({ id, user, blob, filename, from });
  shown.set(id, URL.createObjectURL(blob));
  return `/pending/${id}/${encodeURIComponent(filename)}`;
}

// Under which address the page can show a file.
export function shownAddress(address) {
  const id = String(address).match(/^\/pending\/([0-9a-f-]{36})\//)?.[1];
  return (id && shown.get(id)) || address;
}

export function pendingIn(text) {
  return [...new Map([...text.matchAll(PENDING)].map(([address, id]) => [id, address]))].map(([id, address]) => ({ id, address }));
}

// Make the kept files of a form ready to be shown.
export async function loadFiles(text) {
  for (const { id } of pendingIn(text)) {
    const file = shown.has(id) ? null : await readFile(id);
    if (file) shown.set(id, URL.createObjectURL(file.blob));
  }
}
