// The lines of a connection, always the same and always in this order: four that send, then the
// slots that receive. One-way only: a browser bug silently skips the decrypting transform on a
// sendrecv line. The lines never change during a connection, so joins cause no renegotiation.

import type { Layer, Slot, Stream } from "../signal/messages.ts";

export interface SendLine {
  readonly stream: Stream;
  readonly transceiver: RTCRtpTransceiver;
}

export interface ReceiveLine {
  readonly slot: Slot;
  readonly transceiver: RTCRtpTransceiver;
}

/** Called at once for each new line, before anything else can happen to it. */
export interface Seals {
  readonly seal: (sender: RTCRtpSender, stream: Stream) => void;
  readonly open: (receiver: RTCRtpReceiver, slot: Slot, position: number) => void;
}

export interface Lines {
  readonly send: readonly SendLine[];
  readonly receive: readonly ReceiveLine[];
}

export const VOICE_SLOTS = 4;
export const TILE_SLOTS = 9;

const RECEIVE: readonly Slot[] = [
  ...Array<Slot>(VOICE_SLOTS).fill("voice"),
  "screen_audio",
  "stage",
  ...Array<Slot>(TILE_SLOTS).fill("tile"),
];

// Scales are of the captured height; what is too small to be worth a layer is turned off when the
// camera starts, since encodings cannot be added later.
const CAMERA: readonly (RTCRtpEncodingParameters & { rid: Layer })[] = [
  { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
const SCREEN: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000 }];
const VOICE: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 40_000, priority: "high" }];
const SCREEN_AUDIO: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 96_000 }];

const SEND: readonly [Stream, readonly RTCRtpEncodingParameters[]][] = [
  ["microphone", VOICE],
  ["camera", CAMERA],
  ["screen", SCREEN],
  ["screen_audio", SCREEN_AUDIO],
];

/**
 * Adds every line and sets its transform in the same breath: a receiver's transform set later is
 * ignored by Chromium, and a sender's set later lets frames out in the clear.
 */
export function addLines(peer: RTCPeerConnection, seals: Seals): Lines {
  const send = SEND.map(([stream, encodings]) => {
    const transceiver = peer.addTransceiver(isSound(stream) ? "audio" : "video", {
      direction: "sendonly",
      sendEncodings: encodings.map((encoding) => ({ ...encoding })),
    });
    seals.seal(transceiver.sender, stream);
    preferOurCodec(transceiver, isSound(stream));
    return { stream, transceiver };
  });
  const receive = RECEIVE.map((slot, position) => {
    const sound = slot === "voice" || slot === "screen_audio";
    const transceiver = peer.addTransceiver(sound ? "audio" : "video", { direction: "recvonly" });
    seals.open(transceiver.receiver, slot, position);
    preferOurCodec(transceiver, sound);
    return { slot, transceiver };
  });
  return { send, receive };
}

/** Which camera layers a capture of this height is worth. */
export function layersOf(height: number): readonly Layer[] {
  if (height >= 540) return ["l", "m", "h"];
  if (height >= 270) return ["m", "h"];
  return ["h"];
}

function isSound(stream: Stream): boolean {
  return stream === "microphone" || stream === "screen_audio";
}

function preferOurCodec(transceiver: RTCRtpTransceiver, sound: boolean): void {
  const kind = sound ? "audio" : "video";
  const wanted = sound ? ["audio/opus"] : ["video/vp8", "video/rtx"];
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  transceiver.setCodecPreferences(
    codecs.filter((codec) => wanted.includes(codec.mimeType.toLowerCase())),
  );
}
