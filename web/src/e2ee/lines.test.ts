// The worker's inside: calls in the right order only, and transforms from their first frame on.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { CoreEvent } from "./core.ts";
import { Lines } from "./lines.ts";
import type { TransformOptions } from "./messages.ts";
import type { Frame } from "./seal.ts";
import { built, DELTA, frameOf, KEY_FRAME, settle } from "./testing.ts";
import { Courier, GUEST, HOST, MEETING } from "./testing_courier.ts";

async function loaded(courier?: Courier, id = HOST) {
  const events: CoreEvent[] = [];
  const clock = { now: 0 };
  const lines: Lines = new Lines({
    emit: (event) => {
      if (event.type === "say") courier?.say(party, event.message);
      else events.push(event);
    },
    fetchWasm: async () => readFileSync(built("src/e2ee/e2ee.wasm")),
    now: () => clock.now,
    wallAtZero: 1_795_000_000_000,
  });
  const party = { id, hear: lines.calls.hear };
  await lines.calls.load("e2ee.wasm");
  return { lines, events, clock, party };
}

/** The host and a guest whom it has let in, each in a worker of its own. */
async function met() {
  const courier = new Courier();
  const [host, guest] = [await loaded(courier, HOST), await loaded(courier, GUEST)];
  const links = await host.lines.calls.makeLink();
  await host.lines.calls.openGroup(links.host, MEETING, "Alice");
  await guest.lines.calls.openGroup(links.guest, MEETING, "Bob");
  courier.found(host.party);
  courier.wait(guest.party);
  await host.lines.calls.wish({ wish: "admit", participant: GUEST });
  for (const end = host.clock.now + 1000; host.clock.now < end; ) {
    for (const { lines, clock } of [host, guest]) {
      clock.now += 50;
      lines.tickGroup();
    }
    courier.deliver();
  }
  await settle();
  return { host, guest };
}

/** A transformer whose frames the test writes and reads. */
function transformer(options: TransformOptions) {
  const into = new TransformStream<Frame, Frame>();
  const outOf = new TransformStream<Frame, Frame>();
  const reader = outOf.readable.getReader();
  const writer = into.writable.getWriter();
  return {
    transformer: { readable: into.readable, writable: outOf.writable, options },
    write: (frame: readonly number[]) => writer.write(frameOf(frame)),
    read: async () => new Uint8Array((await reader.read()).value?.data ?? new ArrayBuffer(0)),
    end: () => writer.close(),
  };
}

test("nothing can be done before a link is open, and a second link is refused", async () => {
  const { lines } = await loaded();
  assert.throws(() => lines.calls.wish({ wish: "rekey" }), /no link is open/);
  assert.equal(await lines.calls.openGroup("AAAA", MEETING, "Alice"), false);
  assert.throws(() => lines.attach(transformer({ line: "a", codec: "opus" }).transformer));
  const links = await lines.calls.makeLink();
  assert.equal(await lines.calls.openGroup(links.host, MEETING, "Alice"), true);
  assert.throws(() => lines.calls.openGroup(links.host, MEETING, "Alice"), /open already/);
});

test("the proofs and their hashes belong to the link", async () => {
  const { lines } = await loaded();
  const links = await lines.calls.makeLink();
  const proofs = await lines.calls.proofs(links.host);
  assert.ok(!("fault" in proofs) && proofs.host);
  for (const [proof, hash] of [
    [proofs.proof, proofs.hash],
    [proofs.host, proofs.hostHash],
  ]) {
    const digest = await crypto.subtle.digest("SHA-256", Buffer.from(proof ?? "", "base64url"));
    assert.equal(Buffer.from(digest).toString("base64url"), hash);
  }
  const guests = await lines.calls.proofs(links.guest);
  assert.deepEqual(guests, { proof: proofs.proof, hash: proofs.hash });
  const others = await lines.calls.proofs((await lines.calls.makeLink()).guest);
  assert.ok(!("fault" in others));
  assert.notEqual(others.proof, proofs.proof);
});

test("frames pass from a sealing line to an opening one in another worker", async () => {
  const { host: alice, guest: bob } = await met();
  const entered = alice.events.find((e) => e.type === "group" && e.event.what === "entered");
  assert.ok(entered?.type === "group");
  const shown = { index: entered.event.leaf, stream: "camera" } as const;
  const told = alice.events.length;
  const heard = bob.events.length;

  const send = transformer({ line: "up", codec: "vp8", stream: "camera" });
  const receive = transformer({ line: "down", codec: "vp8" });
  bob.lines.calls.expect("down", shown); // before it is attached
  alice.lines.attach(send.transformer);
  bob.lines.attach(receive.transformer);
  assert.deepEqual(alice.events.slice(told), [{ type: "attached", line: "up" }]);

  for (const frame of [KEY_FRAME, DELTA]) {
    send.write(frame);
    const between = await send.read();
    assert.equal(Buffer.from(between).includes(Buffer.from(frame.slice(3))), false);
    receive.write([...between]);
    assert.deepEqual([...(await receive.read())], frame);
  }
  assert.deepEqual(bob.events.slice(heard + 1), [{ type: "showing", line: "down", shown }]);
  bob.lines.tick();
  bob.lines.tick();
  const counts = bob.events.flatMap((event) => (event.type === "counts" ? [event.lines] : []));
  assert.deepEqual(
    counts.map((lines) => lines.map(({ line, in: came }) => [line, came])),
    [[["down", 2]], []],
  );
  bob.lines.calls.forget(["down"]);
  await send.end();
});

test("a line attached before there are keys lets nothing out", async () => {
  const { lines } = await loaded();
  const links = await lines.calls.makeLink();
  await lines.calls.openGroup(links.guest, MEETING, "Bob");
  const send = transformer({ line: "up", codec: "vp8", stream: "camera" });
  lines.attach(send.transformer);
  send.write(KEY_FRAME);
  send.write(DELTA);
  await send.end();
  assert.equal((await send.read()).length, 0); // the end of the stream, and no frame before it
});
