// Small checks that turn an unknown value into a typed one or throw `Malformed`. The grammar in
// messages.ts is written with them, so a message's type and its check are one and the same line.

export class Malformed extends Error {}

export type Shape<T> = (value: unknown) => T;
export type Of<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Record_<R extends Fields, O extends Fields> = { readonly [K in keyof R]: Of<R[K]> } & {
  readonly [K in keyof O]?: Of<O[K]>;
};

const MAX_MESSAGE_LENGTH = 2 * 1024 * 1024 + 64 * 1024; // of the server
const MAX_DEPTH = 8;

/** Parses the text of one message: size, depth and doubled keys are checked here, once. */
export function parseStrict(text: string): unknown {
  if (text.length > MAX_MESSAGE_LENGTH) throw new Malformed("too big");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed("not JSON");
  }
  checkKeysAndDepth(text);
  return value;
}

// The text is known to be JSON, so a string before a colon is a key of the innermost object.
function checkKeysAndDepth(text: string): void {
  const open: Set<string>[] = [];
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"\s*:?|[{}[\]]/g)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token.endsWith(":")) addKey(open.at(-1), token);
    if (open.length > MAX_DEPTH) throw new Malformed("too deep");
  }
}

function addKey(keys: Set<string> | undefined, token: string): void {
  const key: unknown = JSON.parse(token.slice(0, -1));
  if (!keys || typeof key !== "string" || keys.has(key)) throw new Malformed("key said twice");
  keys.add(key);
}

export function record<R extends Fields, O extends Fields = Record<never, never>>(
  required: R,
  optional?: O,
): Shape<Record_<R, O>> {
  const known: Fields = { ...required, ...optional };
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Malformed("not an object");
    const given = new Map<string, unknown>(Object.entries(value));
    const out: Record<string, unknown> = {};
    for (const [key, shape] of Object.entries(known)) {
      if (given.has(key)) out[key] = shape(given.get(key));
      else if (Object.hasOwn(required, key)) throw new Malformed(`${key} is missing`);
      given.delete(key);
    }
    if (given.size > 0) throw new Malformed("unknown key");
    return out as Record_<R, O>;
  };
}

export function list<T>(shape: Shape<T>, most: number): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > most)
      throw new Malformed("not a list, or too long");
    return value.map((item) => shape(item));
  };
}

export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value) => {
    const word = words.find((w) => w === value);
    if (word === undefined) throw new Malformed("unknown word");
    return word;
  };
}

export function integer(least: number, most: number): Shape<number> {
  return (value) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      throw new Malformed("not a number in range");
    return value;
  };
}

export function text(least: number, most: number, form = /^[\x20-\x7e]*$/): Shape<string> {
  return (value) => {
    if (
      typeof value !== "string" ||
      value.length < least ||
      value.length > most ||
      !form.test(value)
    )
      throw new Malformed("not a text of this form");
    return value;
  };
}

export const flag: Shape<boolean> = (value) => {
  if (typeof value !== "boolean") throw new Malformed("neither true nor false");
  return value;
};

/** Base64url without padding of `least` to `most` bytes; kept as text. */
export function base64url(least: number, most = least): Shape<string> {
  return (value) => {
    if (typeof value !== "string" || !/^[A-Za-z0-9_-]*$/.test(value))
      throw new Malformed("not base64url");
    const bytes = Math.floor((value.length * 3) / 4);
    if (value.length % 4 === 1 || bytes < least || bytes > most || hasSpareBits(value))
      throw new Malformed("base64url of another length");
    return value;
  };
}

// Two texts must not mean the same bytes: the bits after the last byte are zero.
function hasSpareBits(value: string): boolean {
  const last = value.at(-1) ?? "A";
  if (value.length % 4 === 2) return !/[AQgw]/.test(last);
  if (value.length % 4 === 3) return !/[AEIMQUYcgkosw048]/.test(last);
  return false;
}
