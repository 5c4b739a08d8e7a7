// What a host's own browser keeps of a meeting, under the meeting's number and until a day. Guests keep
// nothing.

export interface Kept {
  readonly until: number; // ms since 1970
}

const DATABASE = "incamera";
const STORES = ["checks", "doors"] as const;
const VERSION = 2;

export type StoreName = (typeof STORES)[number];

/** Undefined: nothing, not any more, or this browser keeps nothing. */
export async function load<T extends Kept>(
  name: StoreName,
  meeting: string,
): Promise<T | undefined> {
  try {
    const store = await open(name, { make: false });
    await dropOld(store);
    return await done<T | undefined>(store.get(meeting));
  } catch {
    return undefined;
  }
}

/** Where this browser keeps nothing, it holds as long as the page. */
export function keep(name: StoreName, meeting: string, kept: Kept): void {
  open(name, { make: true })
    .then((store) => done(store.put(kept, meeting)))
    .catch(() => {});
}

export function forget(name: StoreName, meeting: string): void {
  open(name, { make: false })
    .then((store) => done(store.delete(meeting)))
    .catch(() => {});
}

/** Rejects where nothing was ever kept, unless it is to be made. */
async function open(name: StoreName, { make }: { make: boolean }): Promise<IDBObjectStore> {
  const request = indexedDB.open(DATABASE, VERSION);
  request.onupgradeneeded = ({ oldVersion }) => {
    const { result, transaction } = request;
    if (!make && oldVersion === 0) transaction?.abort();
    else for (const each of STORES) addTo(result, each);
  };
  const database = await done(request);
  const store = database.transaction(name, "readwrite").objectStore(name);
  database.close(); // when the transaction is done
  return store;
}

function addTo(database: IDBDatabase, name: StoreName): void {
  if (!database.objectStoreNames.contains(name)) database.createObjectStore(name);
}

async function dropOld(store: IDBObjectStore): Promise<void> {
  for (const key of await done(store.getAllKeys())) {
    const kept: Kept | undefined = await done(store.get(key));
    if (kept && kept.until < Date.now()) await done(store.delete(key));
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
