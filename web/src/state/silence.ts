// Notices that what is sent goes unanswered, seconds before the browser says so: the server reports on
// what it receives ten times a second. Pure, so that the test can tell the time.

/** Bytes on the wire so far, both ways. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

const SILENT_MS = 1500;
const ENOUGH_SENT = 2000; // bytes: more than receiver reports alone, less than a second of voice

export class Silence {
  #heard: Traffic | undefined; // when something was received last
  #heardAt = 0;
  #sent = 0;

  measured(traffic: Traffic, now: number): void {
    this.#sent = traffic.sent;
    if (this.#heard && traffic.received === this.#heard.received) return;
    this.#heard = traffic;
    this.#heardAt = now;
  }

  /** When the answers ended; undefined while they come, or nothing is sent that would be answered. */
  since(now: number): number | undefined {
    if (!this.#heard || now - this.#heardAt < SILENT_MS) return undefined;
    return this.#sent - this.#heard.sent >= ENOUGH_SENT ? this.#heardAt : undefined;
  }
}
