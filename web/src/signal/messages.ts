// The closed grammar of docs/protocol.md: one table for what the client says and one for what the
// server says. What is not here cannot be said, and cannot be understood.

import {
  base64url,
  flag,
  integer,
  list,
  Malformed,
  type Of,
  oneOf,
  parseStrict,
  record,
  type Shape,
  text,
} from "./shape.ts";

export const ID = base64url(16);
export const SECRET = base64url(32);
const SEALED = base64url(28, 4096);
const INDEX = integer(0, 1023);
const MID = text(1, 16, /^[A-Za-z0-9._-]+$/);
const PAYLOAD_TYPE = integer(0, 127);
const EXTENSION_ID = integer(1, 14);
const SSRC = integer(1, 0xffff_ffff);
const CONNECTION = integer(1, 0x7fff_ffff);
export const MILLISECONDS = integer(0, 86_400_000);
const PIXELS = integer(1, 16_384);

export const MAX_SEND_LINES = 4;
export const MAX_SLOTS = 32;
const MAX_LINES = MAX_SEND_LINES + MAX_SLOTS;
const MAX_PEOPLE = 1024;
const MAX_CANDIDATES = 32;

const STREAM = oneOf("microphone", "camera", "screen", "screen_audio");
const SLOT = oneOf("voice", "screen_audio", "stage", "tile");
const LAYER = oneOf("l", "m", "h");
const EXTENSION = oneOf("mid", "rid", "rrid", "twcc", "orientation");
export const CODE = oneOf(
  "bad_message",
  "no_entry",
  "start_used",
  "full",
  "too_fast",
  "not_host",
  "not_keeper",
  "not_open",
  "refused",
  "bad_connection",
  "no_media",
  "stopping",
);
const ICE = record({
  ufrag: text(4, 256, /^[A-Za-z0-9+/]+$/),
  pwd: text(22, 256, /^[A-Za-z0-9+/]+$/),
});

const OFFERED_EXTENSIONS = record(
  {},
  {
    mid: EXTENSION_ID,
    rid: EXTENSION_ID,
    rrid: EXTENSION_ID,
    twcc: EXTENSION_ID,
    orientation: EXTENSION_ID,
  },
);
const OFFERED_LINE = exactlyOneOf(
  "stream",
  "slot",
  record(
    {
      mid: MID,
      codec: oneOf("opus", "vp8"),
      pt: PAYLOAD_TYPE,
      extensions: OFFERED_EXTENSIONS,
    },
    { stream: STREAM, slot: SLOT, rtx: PAYLOAD_TYPE, layers: list(LAYER, 3) },
  ),
);
const ANSWERED_LINE = record(
  { mid: MID, extensions: list(EXTENSION, 5) },
  { ssrc: SSRC, rtx_ssrc: SSRC },
);
const CANDIDATE = record({
  protocol: oneOf("udp", "tcp"),
  address: text(2, 45, /^[0-9A-Fa-f.:]+$/),
  port: integer(1, 65_535),
});
const PRESENT = record({ participant: ID, index: INDEX, sealed: SEALED });

export const FROM_CLIENT = {
  create: record({ start: SECRET, admission: SECRET, host: SECRET }),
  join: record({ meeting: ID, proof: SECRET }, { host: SECRET, resume: SECRET }),
  announce: record({ sealed: SEALED }),
  connect: record({
    connection: CONNECTION,
    ice: ICE,
    fingerprint: SECRET,
    lines: list(OFFERED_LINE, MAX_LINES),
  }),
  restart: record({ connection: CONNECTION, ice: ICE }),
  live: record({ streams: list(record({ stream: STREAM }, { height: PIXELS }), MAX_SEND_LINES) }),
  show: record({
    slots: list(record({ mid: MID, participant: ID, stream: STREAM, height: PIXELS }), MAX_SLOTS),
  }),
  speaking: record({ speaking: flag }),
  leave: record({}),
  end: record({}),
};

export const FROM_SERVER = {
  created: record({ meeting: ID }),
  joined: record({
    participant: ID,
    index: INDEX,
    resume: SECRET,
    host: flag,
    people: list(PRESENT, MAX_PEOPLE),
  }),
  announced: PRESENT,
  left: record({ participant: ID }),
  answer: record({
    connection: CONNECTION,
    ice: ICE,
    fingerprint: SECRET,
    candidates: list(CANDIDATE, MAX_CANDIDATES),
    lines: list(ANSWERED_LINE, MAX_LINES),
  }),
  restarted: record({ connection: CONNECTION, ice: ICE }),
  slots: record({
    slots: list(record({ mid: MID, participant: ID, stream: STREAM }), MAX_SLOTS),
  }),
  voices: record({ crowded: flag }),
  reconnect: record({}),
  ended: record({}),
  error: record({ code: CODE }, { retry_after: MILLISECONDS }),
};

export type Union<T extends Record<string, Shape<object>>> = {
  [K in keyof T & string]: { readonly type: K } & Of<T[K]>;
}[keyof T & string];

export type FromClient = Union<typeof FROM_CLIENT>;
export type FromServer = Union<typeof FROM_SERVER>;
export type Said<K extends FromServer["type"]> = Extract<FromServer, { type: K }>;
export type Connect = Extract<FromClient, { type: "connect" }>;
export type Answer = Said<"answer">;
export type Stream = Of<typeof STREAM>;
export type Slot = Of<typeof SLOT>;
export type Layer = Of<typeof LAYER>;
export type ExtensionName = Of<typeof EXTENSION>;
export type Extensions = Of<typeof OFFERED_EXTENSIONS>;
export type Ice = Of<typeof ICE>;
export type OfferedLine = Of<typeof OFFERED_LINE>;
export type ErrorCode = Of<typeof CODE>;

/** What the server said; throws `Malformed`. */
export function parseFromServer(message: string): FromServer {
  return parseWith(FROM_SERVER, message) as FromServer;
}

/** What a client says: for the tests that hold the table against the protocol's examples. */
export function parseFromClient(message: string): FromClient {
  return parseWith(FROM_CLIENT, message) as FromClient;
}

export function write(message: FromClient): string {
  return JSON.stringify(message);
}

/** `most` characters at most; not said: those of the first stage. */
export function parseWith(
  table: Record<string, Shape<object>>,
  message: string,
  most?: number,
): object {
  const value = parseStrict(message, most);
  if (typeof value !== "object" || value === null || !("type" in value))
    throw new Malformed("no type");
  const { type, ...rest } = value;
  if (typeof type !== "string" || !Object.hasOwn(table, type)) throw new Malformed("unknown type");
  return { type, ...table[type]?.(rest) };
}

function exactlyOneOf<T extends object>(a: keyof T, b: keyof T, shape: Shape<T>): Shape<T> {
  return (value) => {
    const line = shape(value);
    if ((line[a] === undefined) === (line[b] === undefined))
      throw new Malformed(`either ${String(a)} or ${String(b)}`);
    return line;
  };
}
