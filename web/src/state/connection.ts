// Keeps one Peer alive: makes it, follows its troubles, and replaces it by a new one when recovery.ts
// says so. What the person sends is told here once and given to every new Peer.

import type { Core } from "../e2ee/core.ts";
import type { Counts } from "../media/counts.ts";
import { ALL_LAYERS, Peer, type PeerState, type Picture, type Source } from "../media/peer.ts";
import { tileSlotsFor } from "../media/transceivers.ts";
import type { Answer, FromClient, Relays, Said, Stream } from "../signal/messages.ts";
import { type PathView, pathView, Shortage } from "./path.ts";
import { AWAY_MS, LONG_MS, nextStep, SAY_NOTHING_MS, type Trouble } from "./recovery.ts";
import { Silence } from "./silence.ts";
import { SlowerWay } from "./slower_way.ts";
import type { ConnectionView } from "./view.ts";

export interface ConnectionEvents {
  readonly send: (message: FromClient) => boolean;
  readonly opened: (peer: Peer) => void;
  readonly answered: () => void;
  readonly changed: () => void;
  /** Media flows again, after having been away long enough to matter to the person. */
  readonly back: () => void;
  /** The server does not say a word to what was asked: its socket may be dead. */
  readonly unanswered: () => void;
  /** The network blocks the usual way; media takes a slower one. */
  readonly slower: () => void;
  readonly gaveUp: () => void;
}

const LOOK_EVERY_MS = 500;
const BLOCKED_MS = 10_000; // never connected, though the server answers
const ANSWER_MS = 3000;
const CHANGED_ANSWER_MS = 800; // the socket, too, is probably of the network that was

export class Connection {
  /** Slots for pictures of people; stays the same for the whole stay. */
  readonly tiles = tileSlotsFor(screen.width);
  readonly #core: Core;
  readonly #events: ConnectionEvents;
  readonly #sources = new Map<Stream, Source | null>();
  readonly #timer: ReturnType<typeof setInterval>;
  #relays: Relays | undefined;
  #number = 0;
  #peer: Peer | undefined;
  #making = false;
  #signalling = false;
  #retryAt = 0; // of the socket
  #answerBy: number | undefined; // for a connect or restart; undefined: nothing is asked
  #notBefore = 0; // the server asked to wait with the next connection
  #trouble: Trouble | undefined;
  #lostAt: number | undefined; // when media ended; signalling may be well
  #silence = new Silence();
  readonly #slowerWay = new SlowerWay();
  #wasConnected = false;
  #shortage = new Shortage();
  #toldWeak: "weak" | "long" | undefined;
  #layers = ALL_LAYERS; // of own pictures, as the person wants it
  #counted: { readonly peer: Peer; readonly counts: Counts } | undefined; // when somebody looked last

  constructor(core: Core, events: ConnectionEvents) {
    this.#core = core;
    this.#events = events;
    this.#timer = setInterval(() => {
      this.#look();
      void this.#measure();
    }, LOOK_EVERY_MS);
  }

  get view(): ConnectionView {
    if (!this.#wasConnected) return { state: "connecting", blocked: this.#isBlocked };
    const sinceMs = this.#trouble ? performance.now() - this.#trouble.since : 0;
    if (sinceMs < SAY_NOTHING_MS) return this.#flowing(performance.now());
    const mediaFlows = this.#state === "connected";
    const long = !mediaFlows && sinceMs >= LONG_MS;
    if (!this.#signalling && !mediaFlows && !navigator.onLine)
      return { state: "offline", retryInMs: Math.max(0, this.#retryAt - performance.now()), long };
    return { state: "reconnecting", mediaFlows, long };
  }

  #flowing(now: number): ConnectionView {
    if (!this.#shortage.lasts(now)) return { state: "good" };
    return { state: "weak", long: this.#shortage.isLong(now) };
  }

  /** The server knows us; `same` as before: what still works is kept. */
  joined(same: boolean): void {
    const wasLost = !this.#signalling;
    this.#signalling = true;
    if (!same || !this.#peer?.isAnswered) this.#replace();
    else if (wasLost) this.networkChanged();
    this.#look();
  }

  /** Our addresses may be others now. Media that still flows does so on the old path until the new one
   * is there, so that being wrong costs nothing. */
  networkChanged(): void {
    const state = this.#peer?.state;
    if (!this.#signalling || (state !== "connected" && state !== "disconnected")) return;
    if (this.#trouble) this.#trouble = { ...this.#trouble, restarted: true };
    void this.#restart(CHANGED_ANSWER_MS).catch(() => this.#replace());
  }

  socketLost(retryInMs: number): void {
    this.#signalling = false;
    this.#answerBy = undefined;
    this.#retryAt = performance.now() + retryInMs;
    this.#look();
  }

  /** TURN servers for the next connection, and the next restart of this one. */
  offered(relays: Relays): void {
    this.#relays = relays;
    this.#peer?.use(relays);
  }

  /** The server lost our media path. */
  reconnect(): void {
    this.#replace();
  }

  /** The server refused the last `connect` or `restart`. */
  refused(retryAfterMs: number): void {
    this.#discard();
    this.#notBefore = performance.now() + retryAfterMs;
  }

  async answered(answer: Answer): Promise<void> {
    const peer = this.#peer;
    if (!peer || answer.connection !== peer.number) return;
    this.#answerBy = undefined;
    await peer.answered(answer);
    this.#events.answered();
  }

  async restarted({ connection, ice }: Said<"restarted">): Promise<void> {
    if (connection !== this.#peer?.number) return;
    this.#answerBy = undefined;
    await this.#peer.restarted(ice);
  }

  attached(line: string): void {
    this.#peer?.attached(line);
  }

  send(stream: Stream, source: Source | null): void {
    this.#sources.set(stream, source);
    this.#peer?.send(stream, source);
  }

  /** The server wants no more than so many layers of a stream, in a codec that all take. */
  want(stream: Stream, layers: number, codec: Picture): void {
    this.#peer?.want(stream, layers, codec);
  }

  /** On: of each own picture only the smallest layer is sent. */
  sendLess(on: boolean): void {
    this.#layers = on ? 1 : ALL_LAYERS;
    this.#peer?.limit(this.#layers);
  }

  /** What the server says of the way to us. */
  toldPath(path: Said<"path">): void {
    this.#shortage.said(path, performance.now());
  }

  /** How the path was since this was asked last; undefined: nothing to compare with yet. */
  async measurePath(): Promise<PathView | undefined> {
    const peer = this.#peer;
    if (peer?.state !== "connected") return undefined;
    const before = this.#counted;
    const counts = await peer.counts();
    this.#counted = { peer, counts };
    return before?.peer === peer ? pathView(before.counts, counts, this.#shortage) : undefined;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#discard();
  }

  get #isBlocked(): boolean {
    const since = this.#trouble?.since;
    return this.#signalling && since !== undefined && performance.now() - since >= BLOCKED_MS;
  }

  get #state(): PeerState {
    const state = this.#peer?.state ?? (this.#making ? "connecting" : "failed");
    const silent = state === "connected" && this.#silence.since(performance.now()) !== undefined;
    return silent ? "disconnected" : state;
  }

  async #measure(): Promise<void> {
    const peer = this.#peer;
    if (peer?.state !== "connected") return;
    const traffic = await peer.traffic();
    const now = performance.now();
    if (peer !== this.#peer) return;
    this.#silence.measured(traffic, now);
    this.#tellWeakness();
    if (this.#slowerWay.measured(traffic.way, now) && !this.#relays?.only) this.#events.slower();
  }

  // It turns from one to the other by time alone, too.
  #tellWeakness(): void {
    const { view } = this;
    const weak = view.state === "weak" ? (view.long ? "long" : "weak") : undefined;
    if (weak === this.#toldWeak) return;
    this.#toldWeak = weak;
    this.#events.changed();
  }

  #replace(): void {
    this.#discard();
    const number = this.#number;
    void this.#make(number).catch(() => {
      if (number === this.#number) this.#discard(); // the next look finds nothing, and makes another
    });
  }

  // Every line with its transform, then the offer: in this order.
  async #make(number: number): Promise<void> {
    const now = performance.now();
    this.#making = true;
    this.#trouble = { since: this.#trouble?.since ?? now, restarted: false, freshAt: now };
    const peer = new Peer(number, this.tiles, this.#core, () => this.#look(), this.#relays);
    peer.limit(this.#layers);
    this.#peer = peer;
    this.#making = false;
    for (const [stream, source] of this.#sources) peer.send(stream, source);
    const connect = await peer.offer();
    if (number !== this.#number) return;
    this.#events.opened(peer);
    this.#ask(connect);
  }

  // Ends the present connection, also one still being made.
  #discard(): void {
    this.#number += 1;
    this.#answerBy = undefined;
    this.#making = false;
    this.#silence = new Silence();
    this.#shortage = new Shortage();
    if (!this.#peer) return;
    this.#peer.close();
    this.#core.forget(this.#peer.lineNames);
    this.#peer = undefined;
  }

  #look(): void {
    const now = performance.now();
    this.#noteMedia(now);
    if (this.#signalling && this.#state === "connected") this.#recovered();
    else
      this.#trouble ??= { since: this.#silence.since(now) ?? now, restarted: false, freshAt: now };
    if (this.#answerBy !== undefined && now >= this.#answerBy) {
      this.#answerBy = undefined;
      this.#events.unanswered();
    }
    if (this.#trouble) {
      if (now >= this.#notBefore) this.#help(this.#trouble, now);
      this.#events.changed();
    }
  }

  #noteMedia(now: number): void {
    if (this.#state !== "connected") {
      this.#lostAt ??= this.#silence.since(now) ?? now;
      return;
    }
    const away = this.#lostAt === undefined ? 0 : now - this.#lostAt;
    this.#lostAt = undefined;
    if (this.#wasConnected && away >= AWAY_MS) this.#events.back();
  }

  #recovered(): void {
    if (this.#trouble) this.#events.changed();
    this.#trouble = undefined;
    this.#wasConnected = true;
  }

  #help(trouble: Trouble, now: number): void {
    const situation = { peer: this.#state, signalling: this.#signalling };
    switch (nextStep(trouble, situation, now)) {
      case "wait":
        return;
      case "restart":
        this.#trouble = { ...trouble, restarted: true };
        void this.#restart().catch(() => this.#replace());
        return;
      case "fresh":
        this.#replace();
        return;
      case "give_up":
        this.#events.gaveUp();
    }
  }

  // One at a time: an answer belongs to the last offer.
  async #restart(answerMs = ANSWER_MS): Promise<void> {
    const peer = this.#peer;
    if (!peer || this.#answerBy !== undefined) return;
    this.#answerBy = performance.now() + answerMs;
    const message = await peer.restart();
    if (peer === this.#peer) this.#ask(message, answerMs);
  }

  #ask(message: FromClient, answerMs = ANSWER_MS): void {
    this.#answerBy = this.#events.send(message) ? performance.now() + answerMs : undefined;
  }
}
