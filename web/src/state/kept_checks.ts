// Where checks are kept. A host's outlast a reload, on the host's own device, for as long as the meeting
// goes on and a month at most. What is kept has no name in it and no key: only values that nobody can
// make without the host's link. Guests keep nothing.

import { fromBase64url, toBase64url } from "../e2ee/base64url.ts";
import type { Checked, CheckKeeper } from "./checks.ts";
import { forget, type Kept, keep, load } from "./device_store.ts";

/** Forgotten with the page. */
export const NOT_KEPT: CheckKeeper = {
  load: async () => [],
  save: () => {},
  seal: async (text) => text,
};

const KEPT_MS = 30 * 24 * 3_600_000;

interface KeptChecks extends Kept {
  readonly checked: readonly Checked[];
}

/** Of the meeting whose host's proof this is: it follows from the host's link, and stays the same. */
export function keptChecks(meeting: string, hostProof: string): CheckKeeper {
  const imported = importKey(hostProof);
  return {
    load: async () => (await load<KeptChecks>("checks", meeting))?.checked ?? [],
    save: (checked) => {
      const kept: KeptChecks = { until: Date.now() + KEPT_MS, checked };
      keep("checks", meeting, kept);
    },
    seal: async (text) => {
      const bytes = new TextEncoder().encode(text);
      return toBase64url(new Uint8Array(await crypto.subtle.sign("HMAC", await imported, bytes)));
    },
  };
}

/** The meeting is over. */
export function forgetChecks(meeting: string): void {
  forget("checks", meeting);
}

function importKey(hostProof: string): Promise<CryptoKey> {
  const raw = fromBase64url(hostProof) ?? new Uint8Array();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", raw.slice(), hmac, false, ["sign"]);
}
