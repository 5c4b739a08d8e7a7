// Notices that what is sent goes unanswered, seconds before the browser says so: the server reports on
// what it receives ten times a second. Pure, so that the test can tell the time.

/** Bytes on the wire so far, both ways. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

const SILENT_MS = 1500;
const LATELY_MS = 2000;
const ENOUGH_SENT = 2000; // bytes lately: more than receiver reports alone, less than a second of voice

export class Silence {
  #heard: Traffic | undefined; // when something was received last
  #heardAt = 0;
  #isLost = false; // until something is received
  #lately: { readonly at: number; readonly sent: number }[] = []; // since then

  measured(traffic: Traffic, now: number): void {
    const { sent, received } = traffic;
    if (received !== this.#heard?.received) {
      this.#heard = traffic;
      this.#heardAt = now;
      this.#isLost = false;
      this.#lately = [];
    }
    // Reports go on for ever where nobody sends anything, so only what went out lately counts.
    this.#lately = [...this.#lately.filter(({ at }) => now - at <= LATELY_MS), { at: now, sent }];
    if (sent - (this.#lately[0]?.sent ?? sent) >= ENOUGH_SENT) this.#isLost = true;
  }

  /** When the answers ended; undefined while they come, or nothing is sent that would be answered. */
  since(now: number): number | undefined {
    return this.#isLost && now - this.#heardAt >= SILENT_MS ? this.#heardAt : undefined;
  }
}
