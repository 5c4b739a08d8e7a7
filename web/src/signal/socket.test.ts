// The socket against a world of our own: attempts happen when the test says so.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { FromServer } from "./messages.ts";
import { retryDelay, Socket } from "./socket.ts";

// Node has no WebSocket of its own before version 22; only the state's name is needed.
Object.assign(globalThis, { WebSocket: { OPEN: 1 } });

class FakeSocket {
  readyState = 0;
  sent: string[] = [];
  closedWith: number | undefined;
  onopen?: () => void;
  onmessage?: (event: { data: unknown }) => void;
  onclose?: (event: { code: number }) => void;
  send(text: string): void {
    this.sent.push(text);
  }
  close(code: number): void {
    this.closedWith = code;
    this.drop();
  }
  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

function world(pause = () => 0) {
  const sockets: FakeSocket[] = [];
  const heard: FromServer[] = [];
  const waits: (number | "replaced")[] = [];
  let due: (() => void) | undefined;
  let limit: (() => void) | undefined; // of 15 s, until the first word
  const socket = new Socket(
    "wss://meet.example/ws",
    () => ({ type: "leave" }),
    {
      message: (message) => heard.push(message),
      lost: (ms) => waits.push(ms),
      replaced: () => waits.push("replaced"),
    },
    {
      open: () => {
        const fake = new FakeSocket();
        sockets.push(fake);
        return fake as unknown as WebSocket;
      },
      wait: (ms, then) => {
        if (ms === 15_000) {
          limit = then;
          return () => {
            limit = undefined;
          };
        }
        due = then;
        return () => {
          due = undefined;
        };
      },
      random: () => 0,
      pause,
    },
  );
  const last = () => sockets.at(-1) ?? assert.fail("no socket");
  return { socket, sockets, heard, waits, last, pass: () => due?.(), limit: () => limit };
}

test("a lost socket is opened again on the schedule of the protocol", () => {
  const { waits, last, pass } = world();
  for (let lost = 0; lost < 7; lost += 1) {
    last().drop();
    pass();
  }
  assert.deepEqual(waits, [0, 300, 1200, 2700, 4800, 7000, 7000]);
  assert.equal(retryDelay(1, 1), 360);
  assert.equal(retryDelay(9, 0.5), 7700);
});

test("a socket that is lost when the page is left is not opened again at once", () => {
  let pause = 5000;
  const { waits, last, pass } = world(() => pause);
  last().drop();
  pause = 0; // it was not left
  pass();
  last().drop();
  assert.deepEqual(waits, [5000, 300]);
});

test("every new socket begins with the first message", () => {
  const { sockets, last, pass } = world();
  last().accept();
  last().drop();
  pass();
  last().accept();
  assert.deepEqual(
    sockets.map((each) => each.sent),
    [['{"type":"leave"}'], ['{"type":"leave"}']],
  );
});

test("attempts are counted from the start once the server said something good", () => {
  const { waits, last, pass } = world();
  last().drop();
  pass();
  last().drop();
  pass();
  last().accept();
  last().onmessage?.({ data: '{"type":"error","code":"stopping"}' });
  last().drop();
  pass();
  last().accept();
  last().onmessage?.({ data: '{"type":"voices","crowded":false}' });
  last().drop();
  assert.deepEqual(waits, [0, 300, 1200, 0]);
});

test("a message outside the grammar closes the socket and is not passed on", () => {
  for (const data of ['{"type":"attention"}', new ArrayBuffer(4)]) {
    const { heard, waits, last } = world();
    last().accept();
    last().onmessage?.({ data });
    assert.equal(last().closedWith, 4000);
    assert.deepEqual(heard, []);
    assert.deepEqual(waits, [0]);
  }
});

test("nothing is sent and nothing is heard without an open socket", () => {
  const { socket, heard, sockets, last, pass } = world();
  assert.equal(socket.send({ type: "end" }), false);
  last().accept();
  assert.equal(socket.send({ type: "end" }), true);
  const old = last();
  old.drop();
  pass();
  old.onmessage?.({ data: '{"type":"ended"}' });
  assert.deepEqual(heard, []);
  assert.deepEqual(sockets[0]?.sent, ['{"type":"leave"}', '{"type":"end"}']);
});

test("a closed socket stays closed", () => {
  const { socket, sockets, waits, last, pass } = world();
  last().accept();
  socket.close();
  pass();
  assert.equal(sockets.length, 1);
  assert.deepEqual(waits, []);
});

test("when the network is back the wait is cut short", () => {
  const { socket, sockets, last, pass } = world();
  last().drop();
  pass();
  last().drop();
  socket.retryNow();
  assert.equal(sockets.length, 3);
  socket.retryNow();
  assert.equal(sockets.length, 3);
});

test("an abandoned socket is followed by another at once, whatever becomes of it", () => {
  const { socket, sockets, waits, last, pass } = world();
  const old = last();
  old.accept();
  socket.abandon();
  assert.equal(old.closedWith, 1000);
  pass();
  old.drop(4001);
  assert.equal(sockets.length, 2);
  assert.deepEqual(waits, [0]);
});

test("a socket that another took the place of is not opened again", () => {
  const { socket, sockets, waits, last, pass } = world();
  last().accept();
  last().drop(4001);
  pass();
  socket.retryNow();
  assert.equal(sockets.length, 1);
  assert.deepEqual(waits, ["replaced"]);
});

test("a socket on which no word comes for 15 s, opened or not, is followed by another", () => {
  for (const isOpened of [false, true]) {
    const { sockets, waits, last, pass, limit } = world();
    const old = last();
    if (isOpened) old.accept();
    limit()?.();
    assert.equal(old.closedWith, 1000);
    pass();
    old.drop();
    assert.equal(sockets.length, 2);
    limit()?.();
    assert.deepEqual(waits, [0, 300]);
  }
});

test("the first word ends that limit, and so does the end of the socket", () => {
  const { socket, last, pass, limit } = world();
  last().accept();
  last().onmessage?.({ data: '{"type":"voices","crowded":false}' });
  assert.equal(limit(), undefined);
  last().drop();
  assert.equal(limit(), undefined);
  pass();
  assert.ok(limit(), "of the next");
  socket.close();
  assert.equal(limit(), undefined);
});
