// Random secrets of this browser, as base64url text, and what the server gets of them.

/** 32 random bytes. */
export function newSecret(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** SHA-256 of the bytes that a base64url text means. */
export async function hashOf(secret: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", fromBase64url(secret));
  return toBase64url(new Uint8Array(hash));
}

function toBase64url(bytes: Uint8Array): string {
  const plain = btoa(String.fromCharCode(...bytes));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}
