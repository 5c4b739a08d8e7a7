// Where checks are kept. A host's outlast a reload, on the host's own device, for as long as the meeting
// goes on and a month at most. What is kept has no name in it and no key: only values that nobody can
// make without the host's link. Guests keep nothing.

import { fromBase64url, toBase64url } from "../e2ee/base64url.ts";
import type { Checked, CheckKeeper } from "./checks.ts";

/** Forgotten with the page. */
export const NOT_KEPT: CheckKeeper = {
  load: async () => [],
  save: () => {},
  seal: async (text) => text,
};

const DATABASE = "incamera";
const STORE = "checks"; // by meeting
const KEPT_MS = 30 * 24 * 3_600_000;

interface Kept {
  readonly until: number; // ms since 1970
  readonly checked: readonly Checked[];
}

/** Of the meeting whose host's proof this is: it follows from the host's link, and stays the same. */
export function keptChecks(meeting: string, hostProof: string): CheckKeeper {
  const imported = importKey(hostProof);
  return {
    load: async () => {
      const store = await open({ make: false });
      await dropOld(store);
      const kept: Kept | undefined = await done(store.get(meeting));
      return kept?.checked ?? [];
    },
    save: (checked) => {
      const kept: Kept = { until: Date.now() + KEPT_MS, checked };
      open({ make: true })
        .then((store) => done(store.put(kept, meeting)))
        .catch(() => {}); // then it holds as long as the page
    },
    seal: async (text) => {
      const bytes = new TextEncoder().encode(text);
      return toBase64url(new Uint8Array(await crypto.subtle.sign("HMAC", await imported, bytes)));
    },
  };
}

/** The meeting is over. */
export function forgetChecks(meeting: string): void {
  open({ make: false })
    .then((store) => done(store.delete(meeting)))
    .catch(() => {});
}

function importKey(hostProof: string): Promise<CryptoKey> {
  const raw = fromBase64url(hostProof) ?? new Uint8Array();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", raw.slice(), hmac, false, ["sign"]);
}

/** Rejects where nothing was ever kept, unless it is to be made. */
async function open({ make }: { make: boolean }): Promise<IDBObjectStore> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    if (make) request.result.createObjectStore(STORE);
    else request.transaction?.abort();
  };
  const database = await done(request);
  const store = database.transaction(STORE, "readwrite").objectStore(STORE);
  database.close(); // when the transaction is done
  return store;
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
