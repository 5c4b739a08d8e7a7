// The part of a link after the "#": a version and the link secret (docs/protocol.md, "Nouns").

import { fromBase64url } from "./base64url.ts";

export const FRAGMENT_VERSION = 1;
export const SECRET_LEN = 32;

/** Throws when it is not a fragment. */
export function secretOf(fragment: string): Uint8Array {
  const bytes = fromBase64url(fragment, 1 + SECRET_LEN);
  if (bytes?.[0] !== FRAGMENT_VERSION) throw new Error("not the secret part of a link");
  return bytes.subarray(1);
}
