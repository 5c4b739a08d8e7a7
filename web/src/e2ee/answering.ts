// What both workers of the core have in common: they answer the page's calls, and end the core when
// something broke inside.

import { ConferenceBroken } from "./conference_packing.ts";
import type { CoreEvent } from "./core.ts";
import { FramesBroken } from "./frames_module.ts";
import type { Answer, Asked, FromWorker, ToWorker } from "./messages.ts";

interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

type Call = (...args: readonly unknown[]) => unknown;

const scope = globalThis as unknown as Scope;

export function emit(event: CoreEvent): void {
  scope.postMessage({ event });
}

/** A trap means that the memory cannot be trusted any more: nothing further may be sealed. */
export function failed(error: unknown): void {
  const kinds = [WebAssembly.RuntimeError, ConferenceBroken, FramesBroken];
  if (kinds.some((kind) => error instanceof kind)) emit({ type: "failed" });
}

/** The same, of what nobody waits for. */
export function guarded<Args extends readonly unknown[]>(
  run: (...args: Args) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      failed(error);
    }
  };
}

async function answer(call: Call | undefined, args: readonly unknown[]): Promise<Answer> {
  try {
    if (!call) throw new Error("no such call");
    return { result: await call(...args) };
  } catch (error) {
    failed(error);
    return { error: error instanceof Error ? error.message : "failed" };
  }
}

/** `meet` gets the end of the channel to the other worker. */
export function answerPage(calls: object, meet: (other: MessagePort) => void): void {
  const table = new Map(Object.entries(calls) as [string, Call][]);
  const said = async ({ id, call, args }: Asked) => {
    const given = await answer(table.get(call), args);
    if (id !== 0) scope.postMessage({ id, answer: given });
  };
  scope.onmessage = ({ data }) => {
    if ("other" in data) meet(data.other);
    else void said(data);
  };
}

export async function fetchWasm(address: string): Promise<ArrayBuffer> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.arrayBuffer();
}
