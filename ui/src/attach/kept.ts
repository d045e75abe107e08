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
      const asked = ask(database.transaction(SHELF, mode).objectStore(SHELF));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
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

export const keepFile = (one: KeptFile): Promise<unknown> =>
  within("readwrite", (shelf) => shelf.put(one)).catch(orNothing(undefined));

export const dropFile = (key: string): Promise<unknown> =>
  within("readwrite", (shelf) => shelf.delete(key)).catch(orNothing(undefined));

export const filesOf = (draft: string): Promise<KeptFile[]> =>
  within<KeptFile[]>("readonly", (shelf) => shelf.index("draft").getAll(draft)).catch(orNothing([]));
