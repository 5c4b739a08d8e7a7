// The closed grammar of a meeting with a group (docs/protocol.md): what is sealed stays base64url
// text here, for the core to open. What a group has in common with the first stage comes from
// messages.ts.

import {
  CODE,
  FROM_CLIENT,
  FROM_SERVER,
  ID,
  MILLISECONDS,
  parseWith,
  SECRET,
  type Union,
} from "./messages.ts";
import { base64url, flag, integer, list, Malformed, oneOf, record, type Shape } from "./shape.ts";

const MAX_FROM_SERVER = 2 * 1024 * 1024 + 64 * 1024;
const MAX_NAMED = 256;
const MAX_ADMISSIONS = 200;
const MAX_MEMBERS = 1024;

const HANDSHAKE = base64url(1, 1_500_000);
const SEALED = base64url(1, 16_384);
const REPLY = base64url(1, 4096);
const EPOCH = integer(0, 0x7fff_ffff);
const SOME_IDS = atLeastOne(list(ID, MAX_NAMED));
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

export const GROUP_FROM_CLIENT = {
  create: record({ start: SECRET, admission: SECRET, host: SECRET, group: flag }),
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
  reject: record({ epoch: EPOCH, sealed: SEALED }),
  message: record({ sealed: SEALED }),
  admissions: record({ hashes: atLeastOne(list(SECRET, MAX_ADMISSIONS)) }),
  keeper: record({ participant: ID, keeper: flag }),
};

export const GROUP_FROM_SERVER = {
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
  joined: record(
    {
      participant: ID,
      resume: SECRET,
      host: flag,
      keeper: flag,
      epoch: EPOCH,
      people: list(ID, MAX_MEMBERS),
    },
    { behind: flag, welcome: HANDSHAKE, info: HANDSHAKE },
  ),
  entered: record({ participant: ID }),
  committed: record({ epoch: EPOCH, from: ID, sealed: HANDSHAKE }),
  conflict: record({ epoch: EPOCH }, { info: HANDSHAKE }),
  rejected: record({ epoch: EPOCH, sealed: SEALED }),
  message: record({ from: ID, sealed: SEALED }),
  left: record({ participant: ID }, { gone: flag }),
  removed: record({}),
  replaced: record({}),
  error: record({ code: CODE }, { of: REFUSABLE, retry_after: MILLISECONDS }),
};

const { connect, restart, live, show, speaking, leave, end } = FROM_CLIENT;
const { created, answer, restarted, slots, voices, reconnect, ended } = FROM_SERVER;
const ALL_FROM_CLIENT = {
  ...{ connect, restart, live, show, speaking, leave, end },
  ...GROUP_FROM_CLIENT,
};
const ALL_FROM_SERVER = {
  ...{ created, answer, restarted, slots, voices, reconnect, ended },
  ...GROUP_FROM_SERVER,
};

export type FromClient = Union<typeof ALL_FROM_CLIENT>;
export type FromServer = Union<typeof ALL_FROM_SERVER>;
export type Said<K extends FromServer["type"]> = Extract<FromServer, { type: K }>;

/** What the server said in a meeting with a group; throws `Malformed`. */
export function parseFromServer(message: string): FromServer {
  return parseWith(ALL_FROM_SERVER, message, MAX_FROM_SERVER) as FromServer;
}

/** What a client says: for the tests that hold the table against the protocol's examples. */
export function parseFromClient(message: string): FromClient {
  return parseWith(ALL_FROM_CLIENT, message, MAX_FROM_SERVER) as FromClient;
}

export function write(message: FromClient): string {
  return JSON.stringify(message);
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
