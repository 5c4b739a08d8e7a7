// Meetings over bare WebSockets: made, begun by their host, and filled, with blobs in the place of
// everything that is sealed. What the server said of a client is in the client: `participant`,
// `resume` and the rest of its `joined` or `waiting`.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { open } from "./websocket.mjs";

export const text = (bytes) => bytes.toString("base64url");
export const hash = (bytes) => text(createHash("sha256").update(bytes).digest());
export const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const blob = (bytes = 40) => text(randomBytes(bytes));
export const dropAll = (...clients) => clients.forEach((client) => client.drop());

/** A meeting that has nobody in it yet. */
export async function makeMeeting(on, token = on.newStartToken()) {
  const proof = randomBytes(32);
  const host = randomBytes(32);
  const client = await open(on.port, { secure: on.secure });
  client.send({ type: "create", start: token, admission: hash(proof), host: hash(host) });
  const { meeting } = await client.hear("created");
  client.drop();
  return { meeting, proof: text(proof), host: text(host), on };
}

/** Says `join`, and nothing of what comes of it. */
export async function knockAt({ meeting, proof, on }, extra = {}) {
  const client = await open(on.port, { secure: on.secure });
  client.send({ type: "join", meeting, proof, ...extra });
  return client;
}

/** The host, in a new group. */
export async function begin(meeting) {
  const client = await knockAt(meeting, { host: meeting.host });
  return Object.assign(client, await client.hear("joined"));
}

export async function wait(meeting, extra) {
  const client = await knockAt(meeting, extra);
  return Object.assign(client, await client.hear("waiting"));
}

export async function resume(meeting, { resume }, extra = {}) {
  const client = await knockAt(meeting, { resume, ...extra });
  return Object.assign(client, await client.hear("joined"));
}

/** `who` commits at `epoch` and hears it in its order. */
export async function commit(who, epoch, more = {}) {
  const said = { type: "commit", epoch, sealed: blob(), ...more };
  const isAnswer = (m) => (m.type === "committed" && m.from === who.participant) || m.of === "commit" || m.type === "conflict";
  let heard;
  do {
    who.send(said);
    heard = await who.hear(isAnswer, 30_000);
    if (heard.code === "too_fast") await later(heard.retry_after);
  } while (heard.code === "too_fast");
  assert.deepEqual(heard, { type: "committed", epoch, sealed: said.sealed, from: who.participant });
  return said;
}

/** `count` new members that `keeper` lets in by one commit at `epoch`. */
export async function letInMany(meeting, keeper, epoch, count) {
  const clients = [];
  for (let i = 0; i < count; i++) clients.push(await wait(meeting));
  const participants = clients.map(({ participant }) => participant);
  const { welcome } = await commit(keeper, epoch, { welcome: { participants, sealed: blob() } });
  for (const client of clients) {
    const joined = await client.hear("joined");
    assert.equal(joined.welcome, welcome.sealed);
    assert.equal(joined.epoch, epoch + 1);
    Object.assign(client, joined);
  }
  return clients;
}

export async function letIn(meeting, keeper, epoch) {
  return (await letInMany(meeting, keeper, epoch, 1))[0];
}

/** A host and `count` members, at epoch 1, or 0 when it is alone. */
export async function gather(meeting, count) {
  const host = await begin(meeting);
  return count === 0 ? [host] : [host, ...(await letInMany(meeting, host, 0, count))];
}
