// The closed grammar of docs/protocol.md: one table for what the client says and one for what the
// server says. What is not here cannot be said, and cannot be understood. What is sealed stays
// base64url text here, for the core to open.

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

const ID = base64url(16);
const SECRET = base64url(32);
const HANDSHAKE = base64url(1, 1_500_000);
const SEALED = base64url(1, 16_384);
const REPLY = base64url(1, 4096);
const EPOCH = integer(0, 0x7fff_ffff);
const MID = text(1, 16, /^[A-Za-z0-9._-]+$/);
const PAYLOAD_TYPE = integer(0, 127);
const EXTENSION_ID = integer(1, 14);
const SSRC = integer(1, 0xffff_ffff);
const CONNECTION = integer(1, 0x7fff_ffff);
const MILLISECONDS = integer(0, 86_400_000);
const PIXELS = integer(1, 16_384);

const MAX_SEND_LINES = 4;
const MAX_SLOTS = 32;
const MAX_WAYS = 3; // UDP, TCP, relay
const MAX_LINES = MAX_SEND_LINES + MAX_SLOTS;
const MAX_CANDIDATES = 32;
const MAX_MEMBERS = 1024;
const MAX_NAMED = 256;
const MAX_ADMISSIONS = 200;
const MAX_RELAYS = 4;

const STREAM = oneOf("microphone", "camera", "screen", "screen_audio");
const SLOT = oneOf("voice", "screen_audio", "stage", "tile");
const LAYER = oneOf("l", "m", "h");
const EXTENSION = oneOf("mid", "rid", "rrid", "twcc", "orientation", "dependency");
const CODE = oneOf(
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
const REFUSABLE = oneOf(
  "card",
  "knock",
  "reply",
  "commit",
  "door",
  "reject",
  "message",
  "admissions",
  "keeper",
);
const SOME_IDS = atLeastOne(list(ID, MAX_NAMED));
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
    dependency: EXTENSION_ID,
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
    {
      stream: STREAM,
      slot: SLOT,
      rtx: PAYLOAD_TYPE,
      red: PAYLOAD_TYPE,
      vp9: PAYLOAD_TYPE,
      vp9_rtx: PAYLOAD_TYPE,
      av1: PAYLOAD_TYPE,
      av1_rtx: PAYLOAD_TYPE,
      h264: PAYLOAD_TYPE,
      h264_rtx: PAYLOAD_TYPE,
      layers: list(LAYER, 3),
    },
  ),
);
const ANSWERED_LINE = record(
  { mid: MID, extensions: list(EXTENSION, 6) },
  { ssrc: SSRC, rtx_ssrc: SSRC },
);
const CANDIDATE = record({
  protocol: oneOf("udp", "tcp"),
  address: text(2, 45, /^[0-9A-Fa-f.:]+$/),
  port: integer(1, 65_535),
});

const RELAY = record({
  url: text(8, 127, /^turns?:[A-Za-z0-9.:[\]-]+(\?transport=(udp|tcp))?$/),
  username: text(1, 31, /^[A-Za-z0-9:]+$/),
  credential: text(28, 28, /^[A-Za-z0-9+/]+=$/),
});

export const FROM_CLIENT = {
  create: record({ start: SECRET, admission: SECRET, host: SECRET }),
  join: record({ meeting: ID, proof: SECRET }, { host: SECRET, resume: SECRET, epoch: EPOCH }),
  card: record({ sealed: SEALED }),
  knock: record({ sealed: SEALED }, { returning: flag }),
  reply: record({ participant: ID, sealed: REPLY, final: flag }),
  commit: record(
    { epoch: EPOCH, sealed: HANDSHAKE },
    {
      welcome: record({ participants: SOME_IDS, sealed: HANDSHAKE }),
      removed: SOME_IDS,
      info: HANDSHAKE,
    },
  ),
  door: openWithInfo(record({ open: flag }, { epoch: EPOCH, info: HANDSHAKE })),
  reject: record({ epoch: EPOCH, commit: SECRET, sealed: SEALED }, { later: flag }),
  message: record({ sealed: SEALED }),
  admissions: record({ hashes: atLeastOne(list(SECRET, MAX_ADMISSIONS)) }),
  keeper: record({ participant: ID, keeper: flag }),
  try: record({
    meeting: ID,
    proof: SECRET,
    fingerprint: SECRET,
    ways: atLeastOne(list(ICE, MAX_WAYS)),
  }),
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
  waiting: record(
    { participant: ID, resume: SECRET, attended: flag },
    { card: SEALED, info: HANDSHAKE },
  ),
  attended: record({ attended: flag }),
  carded: record({ sealed: SEALED }),
  opened: record({ open: flag }, { info: HANDSHAKE }),
  knocked: record(
    { participant: ID, sealed: SEALED },
    { returning: flag, before: integer(1, 1000) },
  ),
  unknocked: record({ participant: ID }),
  replied: record({ sealed: REPLY, final: flag }),
  relays: record({ only: flag, servers: list(RELAY, MAX_RELAYS) }),
  joined: record(
    {
      participant: ID,
      resume: SECRET,
      host: flag,
      keeper: flag,
      epoch: EPOCH,
      people: list(ID, MAX_MEMBERS),
    },
    { behind: flag, welcome: HANDSHAKE, info: HANDSHAKE, card: SEALED },
  ),
  entered: record({ participant: ID }),
  committed: record({ epoch: EPOCH, from: ID, sealed: HANDSHAKE }),
  conflict: record({ epoch: EPOCH }, { info: HANDSHAKE }),
  rejected: record({ epoch: EPOCH, sealed: SEALED }),
  message: record({ from: ID, sealed: SEALED }),
  left: record({ participant: ID }, { gone: flag }),
  removed: record({}),
  replaced: record({}),
  tried: record({
    fingerprint: SECRET,
    candidates: list(CANDIDATE, MAX_CANDIDATES),
    ways: atLeastOne(list(ICE, MAX_WAYS)),
    only: flag,
    servers: list(RELAY, MAX_RELAYS),
  }),
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
  wanted: record({
    stream: STREAM,
    layers: integer(1, 3),
    codec: oneOf("vp8", "vp9", "av1", "h264"),
  }),
  path: record({
    bps: integer(0, 2 ** 32 - 1),
    lowered: integer(0, MAX_SLOTS),
    dark: integer(0, MAX_SLOTS),
  }),
  reconnect: record({}),
  ended: record({}),
  error: record({ code: CODE }, { of: REFUSABLE, retry_after: MILLISECONDS }),
};

type Union<T extends Record<string, Shape<object>>> = {
  [K in keyof T & string]: { readonly type: K } & Of<T[K]>;
}[keyof T & string];

export type FromClient = Union<typeof FROM_CLIENT>;
export type FromServer = Union<typeof FROM_SERVER>;
export type Said<K extends FromServer["type"]> = Extract<FromServer, { type: K }>;
export type Connect = Extract<FromClient, { type: "connect" }>;
export type Relays = Said<"relays">;
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

function parseWith(table: Record<string, Shape<object>>, message: string): object {
  const value = parseStrict(message);
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

function atLeastOne<T>(shape: Shape<readonly T[]>): Shape<readonly T[]> {
  return (value) => {
    const items = shape(value);
    if (items.length === 0) throw new Malformed("an empty list");
    return items;
  };
}

function openWithInfo<T extends { open: boolean; epoch?: number; info?: string }>(
  shape: Shape<T>,
): Shape<T> {
  return (value) => {
    const door = shape(value);
    if (door.open !== (door.epoch !== undefined) || door.open !== (door.info !== undefined))
      throw new Malformed("an open door has an epoch and an info, a closed one neither");
    return door;
  };
}
