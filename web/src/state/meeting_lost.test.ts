// What a lost socket, a lost connection or a silent server leads to in a meeting, and what stays.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { answerTo } from "../media/fixtures/answer.ts";
import { OFFER } from "../media/fixtures/browser.ts";
import { parseOffer } from "../media/sdp.ts";
import {
  aSecond,
  connected,
  FakeSocket,
  ME,
  names,
  RESUME,
  settle,
  types,
  world,
} from "./fixtures/meeting_world.ts";

const answered = (socket: FakeSocket) =>
  socket.onmessage?.({ data: JSON.stringify(answerTo(parseOffer(OFFER))) });

/** The timers of 22 s, of which there is at most one. */
function patience(t: TestContext) {
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  const timer = { ends: undefined as (() => void) | undefined };
  t.mock.method(globalThis, "setTimeout", (then: () => void, ms: number) => {
    if (ms !== 22_000) return start(then, ms);
    timer.ends = then;
    return timer;
  });
  t.mock.method(globalThis, "clearTimeout", (which: unknown) => {
    if (which === timer) timer.ends = undefined;
    else stop(which as NodeJS.Timeout);
  });
  return timer;
}

test("who waits and hears nothing for 22 s says that the server does not answer, and comes again", async (t) => {
  const timer = patience(t);
  const { meeting, happened, socket, hear } = await world();
  const wait = () => hear({ type: "waiting", participant: ME, resume: RESUME, attended: true });
  await wait();
  const first = timer.ends;
  timer.ends = undefined;
  await hear({ type: "attended", attended: true });
  const second = timer.ends as (() => void) | undefined;
  assert.ok(first && second, "each word begins them anew");
  assert.equal(meeting.entry.connected, true);
  second();
  assert.deepEqual([meeting.entry.connected, happened.at(-1)], [false, "lost"]);
  await settle();
  socket().onopen?.();
  assert.equal(FakeSocket.made.length, 2);
  assert.deepEqual(types(socket()), ["join"]);
  await wait();
  assert.ok(timer.ends);
});

test("so does who is inside, where the server says every ten seconds that it is there", async (t) => {
  const timer = patience(t);
  const { meeting, socket, hear, join } = await world();
  await join();
  const first = timer.ends;
  timer.ends = undefined;
  await hear({ type: "voices", crowded: false });
  const second = timer.ends as (() => void) | undefined;
  assert.ok(first && second, "each word begins them anew");
  second();
  await settle();
  socket().onopen?.();
  assert.equal(FakeSocket.made.length, 2);
  assert.deepEqual(types(socket()), ["join"]);
  assert.ok(meeting.self, "it comes back as who it was");
});

test("a path lost for 2 s is told, and after 30 s there is a way out of waiting", async (t) => {
  const { meeting, connections, pass } = await connected(t);
  connections[0]?.become("disconnected");
  pass(1900);
  assert.equal(meeting.connection.view.state, "good");
  pass(200);
  assert.deepEqual(meeting.connection.view, {
    state: "reconnecting",
    mediaFlows: false,
    long: false,
  });
  pass(28_000);
  assert.deepEqual(meeting.connection.view, {
    state: "reconnecting",
    mediaFlows: false,
    long: true,
  });
});

test("after two minutes it ends and says so", async (t) => {
  const { happened, connections, pass } = await connected(t);
  connections[0]?.become("disconnected");
  pass(120_000);
  connections[0]?.become("disconnected");
  assert.equal(happened.at(-1), "over gave_up");
});

test("after more than 10 s without media the microphone comes back off, after less it stays on", async (t) => {
  const { meeting, microphone, connections, pass } = await connected(t);
  connections[0]?.become("disconnected");
  pass(9000);
  connections[0]?.become("connected");
  assert.equal(microphone.on, true);
  connections[0]?.become("disconnected");
  pass(9900);
  pass(200);
  connections[0]?.become("connected");
  assert.equal(microphone.on, false);
  assert.equal(meeting.notices.list.at(-1)?.what, "back_again");
});

test("a network that may be another one restarts ICE at once, one restart at a time", async (t) => {
  const { meeting, socket, resumed } = await connected(t);
  answered(socket());
  await settle();
  const restarts = () => types(socket()).filter((type) => type === "restart").length;
  meeting.online();
  meeting.online();
  await settle();
  assert.equal(restarts(), 1);
  socket().readyState = 3;
  socket().onclose?.({ code: 1006 });
  await settle();
  socket().onopen?.();
  await resumed();
  assert.deepEqual([types(socket())[0], restarts()], ["join", 1]);
});

test("a restart without an answer means that the socket is dead, too", async (t) => {
  const { meeting, socket, pass } = await connected(t);
  const first = socket();
  answered(first);
  await settle();
  meeting.online();
  await settle();
  pass(300);
  await aSecond();
  assert.equal(first.readyState, 3);
  await settle();
  assert.notEqual(socket(), first);
});

test("a socket that was lost for long does not mute whoever was heard all the time", async (t) => {
  const { microphone, connections, socket, resumed, pass } = await connected(t);
  const first = socket();
  first.readyState = 3;
  first.onclose?.({ code: 1006 });
  await settle();
  pass(20_000);
  socket().onopen?.();
  await resumed();
  connections[0]?.become("connected");
  assert.equal(microphone.on, true);
});

test("after a lost socket the same participant keeps its connection", async (t) => {
  const { meeting, connections, laylaIsHere, socket, join, resumed } = await world();
  laylaIsHere();
  await join();
  connections[0]?.become("connected");
  const first = socket();
  first.onmessage?.({ data: JSON.stringify(answerTo(parseOffer(OFFER))) });
  await settle();
  first.readyState = 3;
  first.onclose?.({ code: 1006 });
  await settle();
  assert.notEqual(socket(), first);
  const later = performance.now() + 3000;
  t.mock.method(performance, "now", () => later);
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
  const { connection } = meeting;
  assert.equal(connection.view.state === "reconnecting" && connection.view.mediaFlows, true);
  connections[0]?.become("disconnected");
  assert.equal(connection.view.state === "reconnecting" && connection.view.mediaFlows, false);
  connections[0]?.become("connected");
  socket().onopen?.();
  await resumed();
  const [again] = socket().said;
  assert.equal(again?.type === "join" && again.resume, RESUME);
  assert.equal(again?.type === "join" && again.epoch, 1);
  assert.equal(connections.length, 1);
  assert.deepEqual(names(meeting), ["Layla"]);
});

test("a server that no longer knows us has us knock again, and then connect anew", async () => {
  const { meeting, connections, laylaIsHere, happened, socket, hear, join } = await world();
  laylaIsHere();
  await join();
  socket().readyState = 3;
  socket().onclose?.({ code: 1006 });
  await settle();
  socket().onopen?.();
  const other = "QEBAQEBAQEBAQEBAQEBAQA";
  await hear({ type: "waiting", participant: other, resume: RESUME, attended: true });
  assert.equal(happened.at(-1), "waiting");
  await join(other);
  assert.equal(connections.length, 2);
  assert.equal(connections[0]?.connectionState, "closed");
  assert.deepEqual(names(meeting), ["Layla"]);
  const connect = socket().said.find(({ type }) => type === "connect");
  assert.ok(connect?.type === "connect" && connect.connection > 1);
});

test("a lost media path leads to a new connection", async () => {
  const { connections, socket, hear, join } = await world();
  await join();
  await hear({ type: "reconnect" });
  assert.equal(connections.length, 2);
  assert.equal(connections[0]?.connectionState, "closed");
  assert.deepEqual(types(socket()), ["join", "connect", "connect"]);
  const numbers = socket().said.flatMap((said) => (said.type === "connect" ? said.connection : []));
  assert.ok((numbers[1] ?? 0) > (numbers[0] ?? 0));
});

test("an answer to an older connection is not applied to the present one", async () => {
  const { connections, hear, join } = await world();
  await join();
  await hear({ type: "reconnect" });
  await hear({ ...answerTo(parseOffer(OFFER)), connection: 1 });
  assert.equal(connections[1]?.happened.includes("answer"), false);
});

test("the same participant on another socket ends this page's part", async () => {
  const { connections, happened, socket, join } = await world();
  await join();
  socket().readyState = 3;
  socket().onclose?.({ code: 4001 });
  await settle();
  assert.deepEqual(happened, ["entered", "over elsewhere"]);
  assert.equal(connections[0]?.connectionState, "closed");
  assert.equal(FakeSocket.made.length, 1);
});

test("a core that failed is replaced by coming in again", async () => {
  const { meeting, happened, join } = await world();
  await join();
  meeting.coreSaid({ type: "failed" });
  assert.deepEqual(happened, ["entered", "broken"]);
});
