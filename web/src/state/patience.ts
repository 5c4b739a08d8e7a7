// Notices a server that does not say a word any more. Everybody hears from it every 10 s; a browser by
// itself tells of a dead connection after minutes, or never.

const SILENT_MS = 22_000; // two words missed

export class Patience {
  readonly #ranOut: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ranOut: () => void) {
    this.#ranOut = ranOut;
  }

  /** Something was heard, and more is expected. */
  begin(): void {
    this.end();
    this.#timer = setTimeout(this.#ranOut, SILENT_MS);
  }

  heard(): void {
    if (this.#timer !== undefined) this.begin();
  }

  /** Nothing is expected. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
