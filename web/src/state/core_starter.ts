// Starts the end-to-end core, ahead of time where it is likely to be needed, and passes its events
// to whoever uses it at the time.

import { Core, type CoreEvent, type CoreWasm } from "../e2ee/core.ts";

export interface StartedCore {
  readonly core: Core;
  listener: (event: CoreEvent) => void;
}

export class CoreStarter {
  readonly #wasm: CoreWasm;
  #ready: Promise<StartedCore> | undefined;

  constructor(wasm: CoreWasm) {
    this.#wasm = wasm;
  }

  /** Loads it now, so that `take` need not wait. */
  prepare(): void {
    this.#ready ??= this.#start();
    this.#ready.catch(() => {
      this.#ready = undefined; // tried again when it is taken
    });
  }

  /** A core of its own for the caller, who closes it. */
  take(): Promise<StartedCore> {
    const started = this.#ready ?? this.#start();
    this.#ready = undefined;
    return started;
  }

  async #start(): Promise<StartedCore> {
    let started: StartedCore | undefined;
    const on = (event: CoreEvent) => started?.listener(event);
    started = { core: await Core.start({ wasm: this.#wasm, on }), listener: () => {} };
    return started;
  }
}
