// Reading aloud on this device. Only with a voice that is on it: some browsers send what they read to a
// server of theirs, and what is read here are the words that keep a meeting safe.

/** Absent where there is no such voice. */
export class Speech {
  readonly #language: string;
  #voice: SpeechSynthesisVoice | undefined;

  /** `changed`: a voice was found; browsers learn of theirs after a while. */
  constructor(language: string, changed: () => void) {
    this.#language = language;
    if (typeof speechSynthesis === "undefined") return;
    this.#find();
    speechSynthesis.onvoiceschanged = () => {
      this.#find();
      changed();
    };
  }

  get isPossible(): boolean {
    return this.#voice !== undefined;
  }

  /** Slowly, with a pause after each. */
  read(parts: readonly string[]): void {
    this.stop();
    for (const part of parts) {
      const said = new SpeechSynthesisUtterance(`${part}.`);
      said.voice = this.#voice ?? null;
      said.lang = this.#language;
      said.rate = 0.8;
      if (this.#voice) speechSynthesis.speak(said);
    }
  }

  stop(): void {
    if (this.#voice) speechSynthesis.cancel();
  }

  close(): void {
    this.stop();
    if (typeof speechSynthesis !== "undefined") speechSynthesis.onvoiceschanged = null;
  }

  #find(): void {
    this.#voice = speechSynthesis
      .getVoices()
      .find(({ localService, lang }) => localService && lang.startsWith(this.#language));
  }
}
