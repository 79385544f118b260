// What this browser keeps until the server has it: saves in their order, and beside them photos, files and drafts (IndexedDB, written
// through to the disk). Everything carries its person's login; nobody else's is ever read.
const NAME = "guiju";
const QUEUE = "queue";
const FILES = "files";
let opened;

function open() {
  opened ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(QUEUE, { keyPath: "id", autoIncrement: true }).createIndex("user", "user");
      request.result.createObjectStore(FILES, { keyPath: "id" }).createIndex("user", "user");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

// One transaction: `work` gets both stores; what it returns (a request, or nothing) is the answer once everything is on the disk.
async function within(mode, work) {
  const base = await open();
  return new Promise((resolve, reject) => {
    const transaction = base.transaction([QUEUE, FILES], mode, { durability: "strict" });
    const asked = work({ queue: transaction.objectStore(QUEUE), files: transaction.objectStore(FILES) });
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

// The saves of a person that have not reached the server, the first one first.
export async function entries(user) {
  const found = await within("readonly", ({ queue }) => queue.index("user").getAll(user)).catch(() => []);
  return found.sort((one, other) => one.id - other.id);
}

// Add a save; `instead` are the ids of earlier ones whose content it holds. Answers its id.
export function add(entry, instead = []) {
  return within("readwrite", ({ queue }) => {
    for (const id of instead) queue.delete(id);
    return queue.add(entry);
  });
}

// Keep changed saves and forget others, all or nothing.
export function settle({ keep = [], forget = [], files = [] }) {
  return within("readwrite", (stores) => {
    for (const entry of keep) stores.queue.put(entry);
    for (const id of forget) stores.queue.delete(id);
    for (const id of files) stores.files.delete(id);
  });
}

export function addFile(file) {
  return within("readwrite", ({ files }) => files.put(file));
}

export function readFile(id) {
  return within("readonly", ({ files }) => files.get(id)).catch(() => undefined);
}

// Everything of a person, for when they sign out.
export async function wipe(user) {
  await within("readwrite", (stores) => {
    for (const store of [stores.queue, stores.files]) {
      store.index("user").openKeyCursor(IDBKeyRange.only(user)).onsuccess = ({ target }) => {
        if (!target.result) return;
        store.delete(target.result.primaryKey);
        target.result.continue();
      };
    }
  }).catch(() => {});
}
