// The two workers' insides: calls in the right order only, and transforms from their first frame on.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { CoreEvent } from "./core.ts";
import { FramesBroken } from "./frames_module.ts";
import { Group } from "./group.ts";
import type { KeyOrder } from "./key_orders.ts";
import { Lines } from "./lines.ts";
import type { TransformOptions } from "./messages.ts";
import type { Frame } from "./seal.ts";
import { ALICE, baseKeyOf, built, DELTA, frameOf, KEY_FRAME, settle } from "./testing.ts";
import { Courier, GUEST, HOST, MEETING } from "./testing_courier.ts";

const fetchWasm = async (address: string) => readFileSync(built(`src/e2ee/${address}`));

async function loadedLines() {
  const events: CoreEvent[] = [];
  const clock = { now: 0 };
  const emit = (event: CoreEvent) => events.push(event);
  const lines = new Lines({ emit, fetchWasm, now: () => clock.now });
  await lines.calls.load("frames.wasm");
  return { lines, events, clock };
}

async function loaded(courier?: Courier, id = HOST) {
  const { lines, events, clock } = await loadedLines();
  const orders: KeyOrder[] = [];
  const group: Group = new Group({
    emit: (event) => {
      if (event.type === "say") courier?.say(party, event.message);
      else events.push(event);
    },
    order: (order) => {
      orders.push(structuredClone(order));
      lines.obey(order);
    },
    fetchWasm,
    now: () => clock.now,
    wallAtZero: 1_795_000_000_000,
  });
  const party = { id, hear: group.calls.hear };
  await group.calls.load("e2ee.wasm");
  return { group, lines, events, orders, clock, party };
}

/** The host and a guest whom it has let in, each with workers of its own. */
async function met() {
  const courier = new Courier();
  const [host, guest] = [await loaded(courier, HOST), await loaded(courier, GUEST)];
  const links = await host.group.calls.makeLink();
  await host.group.calls.openGroup(links.host, MEETING, { name: "Alice" });
  await guest.group.calls.openGroup(links.guest, MEETING, { name: "Bob" });
  courier.found(host.party);
  courier.wait(guest.party);
  await host.group.calls.wish({ wish: "admit", participant: GUEST });
  for (const end = host.clock.now + 1000; host.clock.now < end; ) {
    for (const { group, clock } of [host, guest]) {
      clock.now += 50;
      group.tick();
    }
    courier.deliver();
  }
  await settle();
  return { host, guest };
}

/** Frames of one epoch pass, as if a group had said so. */
function begin(lines: Lines, epoch = 1): void {
  const baseKey = Uint8Array.from(baseKeyOf(epoch)).buffer;
  lines.obey({ order: "install", epoch, baseKey, keepMs: 1000 });
  lines.obey({ order: "send", epoch, leaf: ALICE });
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
  const { group } = await loaded();
  assert.throws(() => group.calls.wish({ wish: "rekey" }), /no link is open/);
  assert.equal(await group.calls.openGroup("AAAA", MEETING, { name: "Alice" }), false);
  const links = await group.calls.makeLink();
  assert.equal(await group.calls.openGroup(links.host, MEETING, { name: "Alice" }), true);
  assert.throws(
    () => group.calls.openGroup(links.host, MEETING, { name: "Alice" }),
    /open already/,
  );
});

test("no transform is attached before the module of frames is there", () => {
  const lines = new Lines({ emit: () => undefined, fetchWasm, now: () => 0 });
  assert.throws(() => lines.attach(transformer({ line: "a", codec: "opus" }).transformer));
});

test("the proofs and their hashes belong to the link", async () => {
  const { group } = await loaded();
  const links = await group.calls.makeLink();
  const proofs = await group.calls.proofs(links.host);
  assert.ok(!("fault" in proofs) && proofs.host);
  for (const [proof, hash] of [
    [proofs.proof, proofs.hash],
    [proofs.host, proofs.hostHash],
  ]) {
    const digest = await crypto.subtle.digest("SHA-256", Buffer.from(proof ?? "", "base64url"));
    assert.equal(Buffer.from(digest).toString("base64url"), hash);
  }
  const guests = await group.calls.proofs(links.guest);
  assert.deepEqual(guests, { proof: proofs.proof, hash: proofs.hash });
  const others = await group.calls.proofs((await group.calls.makeLink()).guest);
  assert.ok(!("fault" in others));
  assert.notEqual(others.proof, proofs.proof);
});

test("frames pass from a sealing line to an opening one of another member", async () => {
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
  bob.lines.report();
  bob.lines.report();
  const counts = bob.events.flatMap((event) => (event.type === "counts" ? [event.lines] : []));
  assert.deepEqual(
    counts.map((lines) => lines.map(({ line, in: came }) => [line, came])),
    [[["down", 2]], []],
  );
  bob.lines.calls.forget(["down"]);
  await send.end();
});

test("a line attached before there are keys lets nothing out", async () => {
  const { lines } = await loadedLines();
  const send = transformer({ line: "up", codec: "vp8", stream: "camera" });
  lines.attach(send.transformer);
  send.write(KEY_FRAME);
  send.write(DELTA);
  await send.end();
  assert.equal((await send.read()).length, 0); // the end of the stream, and no frame before it
});

test("what the group orders of its keys: an epoch before sealing with it, and each key once", async () => {
  const { host } = await met();
  const named = host.orders.map((each) => ("epoch" in each ? `${each.order} ${each.epoch}` : ""));
  assert.deepEqual(
    named.filter((name) => name),
    ["install 0", "send 0", "install 1", "send 1"],
  );
  const keys = host.orders.flatMap((each) =>
    each.order === "install" ? [Buffer.from(each.baseKey).toString("hex")] : [],
  );
  assert.equal(new Set(keys).size, 2);
});

test("the bytes of an ordered key are wiped when they are installed", async () => {
  const { lines } = await loadedLines();
  const baseKey = Uint8Array.from(baseKeyOf(1)).buffer;
  lines.obey({ order: "install", epoch: 1, baseKey, keepMs: 1000 });
  assert.deepEqual(new Uint8Array(baseKey), new Uint8Array(16));
});

// A counter that began again would use a nonce twice.
test("an order to seal anew with an epoch that has sealed breaks the worker", async () => {
  const { lines } = await loadedLines();
  begin(lines);
  assert.throws(() => lines.obey({ order: "send", epoch: 1, leaf: ALICE }), FramesBroken);
  const baseKey = Uint8Array.from(baseKeyOf(1)).buffer;
  const again: KeyOrder = { order: "install", epoch: 1, baseKey, keepMs: 1000 };
  assert.throws(() => lines.obey(again), FramesBroken);
});

/** Whether a frame that is written now leaves sealed. */
async function seals(lines: Lines, line: string): Promise<boolean> {
  const send = transformer({ line, codec: "vp8", stream: "camera" });
  lines.attach(send.transformer);
  send.write(KEY_FRAME);
  send.end();
  return (await send.read()).length > 0;
}

test("nothing is sealed while the group says so, nor after its group is over", async () => {
  const { lines } = await loadedLines();
  begin(lines);
  assert.equal(await seals(lines, "a"), true);
  lines.obey({ order: "hold", held: true });
  lines.obey({ order: "go_on" });
  assert.equal(await seals(lines, "b"), false);
  lines.obey({ order: "hold", held: false });
  assert.equal(await seals(lines, "c"), true);
  lines.obey({ order: "over" });
  assert.equal(await seals(lines, "d"), false);
});

test("nothing is sealed while the group's worker has not been heard for 5 s", async () => {
  const { lines, clock } = await loadedLines();
  begin(lines);
  for (const [after, sealing] of [
    [5000, true],
    [5001, false],
  ] as const) {
    lines.obey({ order: "go_on" });
    clock.now += after;
    lines.tick();
    assert.equal(await seals(lines, `${after}`), sealing);
  }
  lines.obey({ order: "go_on" });
  assert.equal(await seals(lines, "again"), true);
});
