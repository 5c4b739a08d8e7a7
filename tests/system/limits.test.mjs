// What does not fit any more is told so, and those who are in notice nothing.
//
//   members, those who wait (WebSockets) ──loopback──> incamera serve ──> fake_worker
import assert from "node:assert/strict";
import { test } from "node:test";
import { begin, dropAll, knockAt, makeMeeting, wait } from "./lib/meeting.mjs";
import { makeFolder, Server } from "./lib/server.mjs";
import { handshake } from "./lib/websocket.mjs";

async function startWith(t, ...flags) {
  const own = makeFolder();
  const server = await Server.start(own.folder, flags);
  t.after(async () => {
    await server.stop();
    own.remove();
  });
  return server;
}

const refusalOf = async (client) => (await client.hear("error")).code;

test("one meeting more than limits.meetings has to wait until another is over", async (t) => {
  const server = await startWith(t, "--limits.meetings=1");
  const [first, second] = [await makeMeeting(server), await makeMeeting(server)];
  const host = await begin(first);
  const late = await knockAt(second, { host: second.host });
  assert.equal(await refusalOf(late), "full");
  host.send({ type: "end" });
  await host.closed;
  dropAll(await begin(second), late);
});

test("no more wait than may be in, but for who has the host proof", async (t) => {
  const server = await startWith(t, "--limits.participants=3");
  const meeting = await makeMeeting(server);
  const waiting = [];
  for (let i = 0; i < 3; i++) waiting.push(await wait(meeting));
  const more = await knockAt(meeting);
  assert.equal(await refusalOf(more), "full");
  const host = await begin(meeting);
  dropAll(host, more, ...waiting);
});

test("no more sockets are opened than limits.sockets, and none of those inside ends for it", async (t) => {
  const server = await startWith(t, "--limits.sockets=4");
  const meeting = await makeMeeting(server);
  const inside = [await begin(meeting)];
  for (let i = 0; i < 3; i++) inside.push(await wait(meeting));
  const { status } = await handshake(server.port);
  assert.equal(status, 503);
  inside.pop().drop();
  await assert.doesNotReject(async () => {
    let answer = {};
    for (let i = 0; i < 100 && answer.status !== 101; i++) answer = await handshake(server.port);
    assert.equal(answer.status, 101);
    answer.socket.destroy();
  });
  assert.ok(!inside.some((client) => client.all.some(({ type }) => type === "error")));
  dropAll(...inside);
});
