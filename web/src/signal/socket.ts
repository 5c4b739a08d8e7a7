// The WebSocket to the server, opened again whenever it is lost, or nothing is said on it. It parses what comes in and knows
// nothing of meetings: who opens it says what the first message of every new socket is.

import { type FromClient, type FromServer, parseFromServer, write } from "./messages.ts";

export interface SocketEvents {
  readonly message: (message: FromServer) => void;
  /** Lost; the next attempt is in `retryInMs`. */
  readonly lost: (retryInMs: number) => void;
  /** The same participant came in on another socket: this one is closed for good. */
  readonly replaced?: () => void;
}

/** The parts of the outside world a socket needs; tests bring their own. */
export interface SocketWorld {
  readonly open: (address: string) => WebSocket;
  readonly wait: (ms: number, then: () => void) => () => void; // returns the cancel
  readonly random: () => number; // 0 to 1
  readonly pause: () => number; // ms, before any attempt
}

const SUBPROTOCOL = "incamera.1";
const FIRST_DELAYS_MS = [0, 300, 1200, 2700, 4800];
const LATER_DELAY_MS = 7000;
const FIRST_WORD_MS = 15_000; // browsers wait for minutes, some for ever
const LEAVING_MS = 5000;
const CLOSE_NORMAL = 1000;
const CLOSE_MALFORMED = 4000;
const CLOSE_ELSEWHERE = 4001; // said by the server

let leavesUntil = 0;

/** The browser is about to load another page. Firefox closes the sockets of this one at once, and runs it
 * on until the other comes: a socket that it opened meanwhile would knock for nobody. */
export function pageLeaves(): void {
  leavesUntil = performance.now() + LEAVING_MS;
}

const browserWorld: SocketWorld = {
  open: (address) => new WebSocket(address, SUBPROTOCOL),
  wait: (ms, then) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  pause: () => Math.max(0, leavesUntil - performance.now()),
};

/** How long to wait before attempt 0, 1, …: with up to a fifth more at random. */
export function retryDelay(attempt: number, random: number): number {
  return Math.round((FIRST_DELAYS_MS[attempt] ?? LATER_DELAY_MS) * (1 + random / 5));
}

export class Socket {
  readonly #address: string;
  readonly #first: () => FromClient;
  readonly #events: SocketEvents;
  readonly #world: SocketWorld;
  #socket: WebSocket | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelLimit: (() => void) | undefined; // until the first word comes
  #attempt = 0;
  #closed = false;

  constructor(
    address: string,
    first: () => FromClient,
    events: SocketEvents,
    world: SocketWorld = browserWorld,
  ) {
    this.#address = address;
    this.#first = first;
    this.#events = events;
    this.#world = world;
    this.#open();
  }

  /** False: there is no open socket now. What still holds is said again after the next `joined`. */
  send(message: FromClient): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(write(message));
    return true;
  }

  /** Does not wait for the present delay, and counts attempts from the start: the network is back. */
  retryNow(): void {
    if (!this.#cancelRetry) return;
    this.#attempt = 0;
    this.#cancelRetry();
    this.#open();
  }

  /** Drops this socket and opens another on the schedule: the server did not let this one in. */
  again(): void {
    this.#socket?.close(CLOSE_NORMAL);
  }

  /** As again(), without waiting for its end: nobody answers, and it may be minutes until the browser
   * finds that out. */
  abandon(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#lost(socket, CLOSE_NORMAL);
    socket.close(CLOSE_NORMAL);
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#cancelLimit?.();
    this.#socket?.close(CLOSE_NORMAL);
    this.#socket = undefined;
  }

  #open(): void {
    this.#cancelRetry = undefined;
    const socket = this.#world.open(this.#address);
    this.#socket = socket;
    this.#cancelLimit = this.#world.wait(FIRST_WORD_MS, () => this.abandon());
    socket.onopen = () => socket.send(write(this.#first()));
    socket.onmessage = (event: MessageEvent<unknown>) => this.#heard(socket, event.data);
    socket.onclose = ({ code }) => this.#lost(socket, code);
  }

  #heard(socket: WebSocket, data: unknown): void {
    if (socket !== this.#socket) return;
    this.#cancelLimit?.();
    let message: FromServer;
    try {
      message = parseFromServer(typeof data === "string" ? data : "");
    } catch {
      socket.close(CLOSE_MALFORMED);
      return;
    }
    if (message.type !== "error") this.#attempt = 0;
    this.#events.message(message);
  }

  #lost(socket: WebSocket, code: number): void {
    if (this.#closed || socket !== this.#socket) return;
    this.#socket = undefined;
    this.#cancelLimit?.();
    if (code === CLOSE_ELSEWHERE) {
      this.#closed = true;
      this.#events.replaced?.();
      return;
    }
    const delay = Math.max(retryDelay(this.#attempt, this.#world.random()), this.#world.pause());
    this.#attempt += 1;
    this.#cancelRetry = this.#world.wait(delay, () => this.#open());
    this.#events.lost(delay);
  }
}
