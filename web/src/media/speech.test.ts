// Reading aloud: only by a voice that is on this device.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Speech } from "./speech.ts";

afterEach(() => {
  Reflect.deleteProperty(globalThis, "speechSynthesis");
});

function browser(...voices: { localService: boolean; lang: string }[]) {
  const said: string[] = [];
  const speechSynthesis = {
    onvoiceschanged: null as (() => void) | null,
    getVoices: () => voices,
    speak: ({ text }: { text: string }) => void said.push(text),
    cancel: () => void said.push("cancel"),
  };
  class SpeechSynthesisUtterance {
    readonly text: string;
    constructor(text: string) {
      this.text = text;
    }
  }
  Object.assign(globalThis, { speechSynthesis, SpeechSynthesisUtterance });
  return { said, voices, speechSynthesis };
}

test("a voice that sends what it reads elsewhere is none, nor one of another language", () => {
  const { said } = browser(
    { localService: false, lang: "en-GB" },
    { localService: true, lang: "de-DE" },
  );
  const speech = new Speech("en", () => {});
  assert.equal(speech.isPossible, false);
  speech.read(["harbour"]);
  assert.deepEqual(said, []);
});

test("a voice of the device reads word by word, and one that is found later is told", () => {
  let told = 0;
  const { said, voices, speechSynthesis } = browser();
  const speech = new Speech("en", () => told++);
  assert.equal(speech.isPossible, false);
  voices.push({ localService: true, lang: "en-US" });
  speechSynthesis.onvoiceschanged?.();
  assert.deepEqual([speech.isPossible, told], [true, 1]);
  speech.read(["harbour", "velvet"]);
  assert.deepEqual(said, ["cancel", "harbour.", "velvet."]);
  speech.close();
  assert.equal(speechSynthesis.onvoiceschanged, null);
  assert.equal(said.at(-1), "cancel");
});

test("a browser that reads nothing aloud is no trouble", () => {
  const speech = new Speech("en", () => {});
  assert.equal(speech.isPossible, false);
  speech.read(["harbour"]);
  speech.close();
});
