// A passcode as a key (docs/door.md): stretched by WebCrypto, since the core would have to leave its
// module for every round.

const ROUNDS = 600_000;
const KEY_BITS = 256;

/** Undefined: blank, which is never a passcode (ACC-20). */
export async function passcodeKey(
  typed: string,
  meeting: Uint8Array,
): Promise<Uint8Array | undefined> {
  const passcode = typed.normalize("NFC").trim();
  if (passcode === "") return undefined;
  const utf8 = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", utf8.encode(passcode), "PBKDF2", false, [
    "deriveBits",
  ]);
  const salt = Uint8Array.of(...utf8.encode("incamera 2 passcode"), ...meeting);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, KEY_BITS));
}
