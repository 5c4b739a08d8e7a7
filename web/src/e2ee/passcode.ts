// What must be slow to try (docs/door.md): a passcode, and the words to compare. WebCrypto stretches
// them, since the core would have to leave its module for every round.

const ROUNDS = 600_000;
const KEY_BITS = 256;
const utf8 = new TextEncoder();

async function stretch(
  secret: Uint8Array,
  label: string,
  meeting: Uint8Array,
): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", secret as BufferSource, "PBKDF2", false, [
    "deriveBits",
  ]);
  const salt = Uint8Array.of(...utf8.encode(label), ...meeting);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, KEY_BITS));
}

/** Undefined: blank, which is never a passcode (ACC-20). */
export async function passcodeKey(
  typed: string,
  meeting: Uint8Array,
): Promise<Uint8Array | undefined> {
  const passcode = typed.normalize("NFC").trim();
  return passcode === ""
    ? undefined
    : await stretch(utf8.encode(passcode), "incamera 2 passcode", meeting);
}

/** What the words of an epoch are read from; `authenticator` is the conference's. */
export function wordsKey(authenticator: Uint8Array, meeting: Uint8Array): Promise<Uint8Array> {
  return stretch(authenticator, "incamera 2 words", meeting);
}
