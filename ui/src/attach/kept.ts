/** Files of drafts that the runtime does not have yet. The webview keeps them, so that they outlive the window. */
const NAME = "jamey.files";
const SHELF = "files";

export type KeptFile = { key: string; draft: string; file: File };

function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () =>
      asked.result.createObjectStore(SHELF, { keyPath: "key" }).createIndex("draft", "draft");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function within<T>(mode: IDBTransactionMode, ask: (shelf: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((done, failed) => {
      const all = database.transaction(SHELF, mode);
      const asked = ask(all.objectStore(SHELF));
      // Whether there is room is known at its end.
      all.oncomplete = () => done(asked.result);
      all.onabort = () => failed(all.error);
    });
  } finally {
    database.close();
  }
}

/** Without a place to keep them (a private window, a full disk) they hold for this window. */
const orNothing =
  <T>(otherwise: T) =>
  (): T =>
    otherwise;

/** Tells whether it is kept. */
export const keepFile = (one: KeptFile): Promise<boolean> =>
  within("readwrite", (shelf) => shelf.put(one)).then(() => true, orNothing(false));

export const dropFile = (key: string): Promise<unknown> =>
  within("readwrite", (shelf) => shelf.delete(key)).catch(orNothing(undefined));

export const filesOf = (draft: string): Promise<KeptFile[]> =>
  within<KeptFile[]>("readonly", (shelf) => shelf.index("draft").getAll(draft)).catch(orNothing([]));
