// For tests: the server's part of a meeting's group, which knows nothing but the order.

import type { GroupSaid, Heard } from "./conference_values.ts";

export const MEETING = "AAECAwQFBgcICQoLDA0ODw";
export const HOST = "EBESExQVFhcYGRobHB0eHw";
export const GUEST = "ICEiIyQlJicoKSorLC0uLw";

export interface Party {
  readonly id: string;
  readonly hear: (heard: Heard) => void;
}

interface Seat {
  readonly party: Party;
  inside: boolean;
  held: Heard[] | undefined; // what it is to hear later
}

export class Courier {
  readonly #seats: Seat[] = [];
  readonly #said: { readonly from: Party; readonly said: GroupSaid }[] = [];
  #epoch = 0;
  #card = "";
  #open = false;
  #info: string | undefined; // in the open door
  #delivering = false;

  /** The host founds the group. */
  found(party: Party): void {
    this.#seats.push({ party, inside: true, held: undefined });
    party.hear({ type: "joined", participant: party.id, keeper: true, epoch: 0, people: [] });
    this.deliver();
  }

  /** A guest waits before the door. */
  wait(party: Party): void {
    this.#seats.push({ party, inside: false, held: undefined });
    party.hear({ type: "waiting", participant: party.id, attended: true, ...this.#door() });
    this.deliver();
  }

  /** May be called from within `hear`; it is delivered by the next `deliver`. */
  say(from: Party, said: GroupSaid): void {
    this.#said.push({ from, said });
  }

  /** All that was said, and what is said about it. */
  deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let next = this.#said.shift(); next; next = this.#said.shift())
      this.#take(next.from, next.said);
    this.#delivering = false;
  }

  /** From now on this one hears nothing. */
  hold(party: Party): void {
    const seat = this.#seats.find((each) => each.party === party);
    if (seat) seat.held = [];
  }

  /** It hears all that it has missed. */
  release(party: Party): void {
    const seat = this.#seats.find((each) => each.party === party);
    const missed = seat?.held ?? [];
    if (seat) seat.held = undefined;
    for (const heard of missed) party.hear(heard);
    this.deliver();
  }

  #door() {
    return { card: this.#card, ...(this.#info === undefined ? {} : { info: this.#info }) };
  }

  #take(from: Party, said: GroupSaid): void {
    switch (said.type) {
      case "card":
        this.#card = said.sealed;
        for (const seat of this.#seats)
          if (!seat.inside) hear(seat, { type: "carded", sealed: said.sealed });
        break;
      case "knock":
        this.#tell({ ...said, type: "knocked", participant: from.id }, from);
        break;
      case "commit":
        this.#commit(from, said);
        break;
      case "door":
        this.#open = said.open;
        this.#info = said.open ? said.info : undefined;
        break;
      case "message":
        this.#tell(said, from);
        break;
    }
  }

  #commit(from: Party, said: Extract<GroupSaid, { type: "commit" }>): void {
    const { epoch, sealed, welcome, info } = said;
    if (epoch !== this.#epoch) throw new Error(`a commit of epoch ${epoch}, not ${this.#epoch}`);
    this.#epoch += 1;
    this.#info = this.#open ? info : undefined;
    this.#tell({ type: "committed", epoch, sealed });
    const own = this.#seats.find(({ party }) => party === from);
    if (own && !own.inside) this.#letIn(own);
    for (const participant of welcome?.participants ?? []) {
      const seat = this.#seats.find(({ party }) => party.id === participant);
      if (!seat) throw new Error("nobody of that id waits");
      this.#letIn(seat, welcome?.sealed);
    }
  }

  #letIn(seat: Seat, welcome?: string): void {
    const people = this.#seats.filter((each) => each.inside).map(({ party }) => party.id);
    seat.inside = true;
    const joined = { participant: seat.party.id, keeper: false, epoch: this.#epoch, people };
    hear(seat, { type: "joined", ...joined, ...(welcome === undefined ? {} : { welcome }) });
  }

  #tell(heard: Heard, but?: Party): void {
    for (const seat of this.#seats) if (seat.inside && seat.party !== but) hear(seat, heard);
  }
}

function hear({ party, held }: Seat, heard: Heard): void {
  if (held) held.push(heard);
  else party.hear(heard);
}
