// The network test of the join page: asks the server on a socket of its own, which is closed again, and
// keeps what came out. On request only.

import { Trial, type Tried } from "../media/trial.ts";
import type { Said } from "../signal/messages.ts";
import { Socket } from "../signal/socket.ts";
import type { Invited, Shell } from "./page.ts";
import type { NetworkView } from "./view.ts";

const ALL_MS = 2500; // from the press to the result; nobody waits 3 s

type Result = Extract<NetworkView, { state: "done" }>;

export class NetworkTest {
  readonly #shell: Shell;
  readonly #invited: Invited;
  #running: (() => void) | undefined; // ends what is going on
  #result: Result | { readonly state: "failed" } | undefined;

  constructor(shell: Shell, invited: Invited) {
    this.#shell = shell;
    this.#invited = invited;
  }

  get view(): NetworkView {
    if (this.#running) return { state: "running" };
    return this.#result ?? { state: "idle" };
  }

  start(): void {
    if (this.#running) return;
    const trial = new Trial();
    let socket: Socket | undefined;
    let over = false;
    const finish = (result: Result | { readonly state: "failed" } | undefined) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      trial.close();
      socket?.close();
      this.#running = undefined;
      this.#result = result;
      this.#shell.changed();
    };
    const from = performance.now();
    const timer = setTimeout(() => finish({ state: "failed" }), ALL_MS);
    this.#running = () => finish(undefined);
    this.#shell.changed();
    const ask = async () => {
      const [proof, offers] = await Promise.all([this.#proof(), trial.offers()]);
      if (over) return;
      if (proof === undefined) throw new Error("the link opens nothing");
      const { meeting } = this.#invited;
      socket = new Socket(
        this.#shell.socketAddress,
        () => ({ type: "try", meeting, proof, ...offers }),
        {
          lost: () => finish({ state: "failed" }),
          message: (message) => {
            if (message.type !== "tried") return finish({ state: "failed" });
            clearTimeout(timer);
            const left = Math.max(0, ALL_MS - (performance.now() - from));
            void trial.run(message, left).then((ways) => finish(resultOf(message, ways)));
          },
        },
      );
    };
    ask().catch(() => finish({ state: "failed" }));
  }

  close(): void {
    this.#running?.();
  }

  async #proof(): Promise<string | undefined> {
    const { core } = await this.#shell.core.take();
    const proofs = await core.proofs(this.#invited.fragment);
    core.close();
    this.#shell.core.prepare(); // for joining
    return "fault" in proofs ? undefined : proofs.proof;
  }
}

/** With the addresses that whoever looks after the network has to let through. */
function resultOf({ candidates, servers }: Said<"tried">, ways: readonly Tried[]): Result {
  const places = candidates.map(({ protocol, address, port }) => {
    const host = address.includes(":") ? `[${address}]` : address;
    return `${protocol.toUpperCase()} ${host}:${port}`;
  });
  const relays = servers.map(({ url }) => url.replace(/^turns?:/, "").replace(/\?.*$/, ""));
  return { state: "done", ways, places: [...places, ...relays.map((place) => `TLS ${place}`)] };
}
