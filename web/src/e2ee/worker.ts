// The worker that holds the core and every transform: the only place where keys are (lines.ts).

import { ConferenceBroken } from "./conference.ts";
import { Lines, type Transformer } from "./lines.ts";
import type { Answer, FromWorker, ToWorker } from "./messages.ts";

interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { readonly transformer: Transformer }) => void) | null;
}

const REPORT_EVERY_MS = 500;
const GROUP_EVERY_MS = 100;
const scope = globalThis as unknown as Scope;

const lines = new Lines({
  emit: (event) => scope.postMessage({ event }),
  fetchWasm: async (address) => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response.arrayBuffer();
  },
  now: () => performance.now(),
  wallAtZero: performance.timeOrigin,
});

/** A trap means that the core's memory cannot be trusted any more: it must seal nothing further. */
function failed(error: unknown): boolean {
  const trap = error instanceof WebAssembly.RuntimeError || error instanceof ConferenceBroken;
  if (!trap) return false;
  scope.postMessage({ event: { type: "failed" } });
  return true;
}

async function answer({ call, args }: ToWorker): Promise<Answer> {
  try {
    const run = lines.calls[call] as (...args: readonly unknown[]) => unknown;
    return { result: await run(...args) };
  } catch (error) {
    failed(error);
    return { error: error instanceof Error ? error.message : "failed" };
  }
}

scope.onmessage = async ({ data }) => {
  const said = await answer(data);
  if (data.id !== 0) scope.postMessage({ id: data.id, answer: said });
};

// A transform that cannot be attached stays without a reader, so nothing of its line ever passes.
scope.onrtctransform = ({ transformer }) => {
  try {
    lines.attach(transformer);
  } catch (error) {
    failed(error);
  }
};

setInterval(() => lines.tick(), REPORT_EVERY_MS);
setInterval(() => {
  try {
    lines.tickGroup();
  } catch (error) {
    failed(error);
  }
}, GROUP_EVERY_MS);
