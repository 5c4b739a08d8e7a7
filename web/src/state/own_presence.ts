// What the others are told of oneself: the streams that are live, a hand, that one is away, that one
// asks to share. The server is told of live streams and, in a crowd, of speaking, and of nothing else.

import type { GroupWish } from "../e2ee/conference_values.ts";
import type { Source } from "../media/peer.ts";
import { liveHeight } from "../media/transceivers.ts";
import type { FromClient, Stream } from "../signal/messages.ts";

export interface OwnPresenceWorld {
  readonly sources: () => readonly (readonly [Stream, Source | null])[];
  readonly away: () => boolean;
  readonly speaking: () => boolean;
  readonly inside: () => boolean;
  readonly send: (message: FromClient) => void;
  readonly wish: (wish: GroupWish) => void;
  readonly changed: () => void;
}

export class OwnPresence {
  readonly #world: OwnPresenceWorld;
  #hand = false;
  #asksToShare = false;
  #live = ""; // what was last said of the streams
  #saidAway = false;
  #saidSpeaking = false;
  #crowded = false;

  constructor(world: OwnPresenceWorld) {
    this.#world = world;
  }

  get hand(): boolean {
    return this.#hand;
  }

  raiseHand(up: boolean): void {
    this.#hand = up;
    this.announce();
    this.#world.changed();
  }

  get asksToShare(): boolean {
    return this.#asksToShare;
  }

  askToShare(ask: boolean): void {
    this.#asksToShare = ask;
    this.announce();
    this.#world.changed();
  }

  /** So many people are here that who speaks has to be told. */
  crowd(crowded: boolean): void {
    this.#crowded = crowded;
    this.saySpeaking();
  }

  /** To the others. */
  announce(): void {
    const streams = this.#streams().map(({ stream }) => stream);
    const { hand, asksToShare } = this;
    const presence = { streams, hand, away: this.#world.away(), asksToShare };
    this.#world.wish({ wish: "present", presence });
  }

  /** To all that care, if it is news. */
  say(): void {
    const streams = this.#streams();
    const live = JSON.stringify(streams);
    const away = this.#world.away();
    const isNew = live !== this.#live;
    if ((isNew || away !== this.#saidAway) && this.#world.inside()) {
      this.#live = live;
      this.#saidAway = away;
      this.announce();
      if (isNew) this.#world.send({ type: "live", streams });
    }
    this.saySpeaking();
  }

  /** To a server that knows nothing of it any more. */
  sayAgain(): void {
    const streams = this.#streams();
    this.#live = JSON.stringify(streams);
    this.#world.send({ type: "live", streams });
    this.#saidSpeaking = false;
    this.saySpeaking();
  }

  saySpeaking(): void {
    const speaking = this.#crowded && this.#world.speaking();
    if (speaking === this.#saidSpeaking) return;
    if (this.#crowded) this.#world.send({ type: "speaking", speaking });
    this.#saidSpeaking = speaking;
  }

  #streams(): { stream: Stream; height?: number }[] {
    return this.#world.sources().flatMap(([stream, source]) => {
      if (!source) return [];
      const { height } = source;
      if (height === undefined) return [{ stream }];
      return [{ stream, height: stream === "camera" ? liveHeight(height) : height }];
    });
  }
}
