// base64url without padding; one value has one spelling.

/** So many bytes may be arguments of one call everywhere. */
const AT_ONCE = 8192;

export function toBase64url(bytes: Uint8Array): string {
  let plain = "";
  for (let at = 0; at < bytes.length; at += AT_ONCE)
    plain += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  const text = btoa(plain);
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Undefined when it is not base64url, or not of that many bytes. */
export function fromBase64url(text: string, length?: number): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(plain, (character) => character.charCodeAt(0));
  if (length !== undefined && bytes.length !== length) return undefined;
  return toBase64url(bytes) === text ? bytes : undefined;
}
