// The worker that holds the group (group.ts): who is in the meeting, and which keys they have.

import { answerPage, emit, fetchWasm, guarded } from "./answering.ts";
import { Group } from "./group.ts";
import type { KeyOrder } from "./key_orders.ts";

const TICK_MS = 100;
const GO_ON_MS = 500;

let frames: MessagePort | undefined;

/** A base key is given away, so that none of it stays here. */
function order(said: KeyOrder): void {
  if (!frames) throw new Error("nobody to give keys to");
  frames.postMessage(said, said.order === "install" ? [said.baseKey] : []);
}

const group = new Group({
  emit,
  order,
  fetchWasm,
  now: () => performance.now(),
  wallAtZero: performance.timeOrigin,
});

answerPage(group.calls, (other) => {
  frames = other;
  setInterval(() => order({ order: "go_on" }), GO_ON_MS);
});
setInterval(
  guarded(() => group.tick()),
  TICK_MS,
);
