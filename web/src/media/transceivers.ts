// The lines of a connection, always the same and always in this order: four that send, then the
// slots that receive, as many tiles as the screen can ever draw. One-way only: a browser bug silently
// skips the decrypting transform on a sendrecv line. The lines never change during a connection, so
// joins cause no renegotiation.

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

const RECEIVE: readonly Slot[] = ["voice", "voice", "voice", "voice", "screen_audio", "stage"];

/** How many pictures of people a window on a screen of this width (CSS pixels) may have to draw. */
export function tileSlotsFor(screenWidth: number): number {
  if (screenWidth < 600) return 9;
  return screenWidth < 1024 ? 16 : 25;
}

const LAYERS: readonly Layer[] = ["l", "m", "h"];

// Encodings cannot be added later: those that a capture is too small for are turned off when the
// camera starts, and the others scaled to it.
const CAMERA: readonly (RTCRtpEncodingParameters & { rid: Layer })[] = [
  { rid: "l", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "m", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
// Three rates of pictures in one stream: who cannot have all gets half of them, or a quarter.
const SCREEN: readonly (RTCRtpEncodingParameters & { scalabilityMode: string })[] = [
  { maxBitrate: 2_500_000, scalabilityMode: "L1T3" },
];
const VOICE: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 32_000, priority: "high" }];
const SCREEN_AUDIO: readonly RTCRtpEncodingParameters[] = [{ maxBitrate: 96_000 }];

const SEND: readonly [Stream, readonly RTCRtpEncodingParameters[]][] = [
  ["microphone", VOICE],
  ["camera", CAMERA],
  ["screen", SCREEN],
  ["screen_audio", SCREEN_AUDIO],
];

/** A picture waits for as long as its voice is on the way to the ear on a good path: 30 to 50 ms in the browser's
 * buffer, 30 in the loudspeaker's. The browser finds that, too, but begins after seconds. Not more: where the
 * voice is quicker by over 30 ms, the browser makes it wait for the picture. */
const PICTURE_WAITS_MS = 70;

/**
 * Adds every line and sets its transform in the same breath: a receiver's transform set later is
 * ignored by Chromium, and a sender's set later lets frames out in the clear.
 */
export function addLines(peer: RTCPeerConnection, tiles: number, seals: Seals): Lines {
  const send = SEND.map(([stream, encodings]) => {
    const transceiver = peer.addTransceiver(isSound(stream) ? "audio" : "video", {
      direction: "sendonly",
      sendEncodings: encodings.map((encoding) => ({ ...encoding })),
    });
    seals.seal(transceiver.sender, stream);
    preferOurCodec(transceiver, isSound(stream) ? SOUND : stream === "camera" ? CAMERAS : PICTURES);
    return { stream, transceiver };
  });
  const slots = [...RECEIVE, ...Array<Slot>(tiles).fill("tile")];
  const receive = slots.map((slot, position) => {
    const sound = slot === "voice" || slot === "screen_audio";
    const transceiver = peer.addTransceiver(sound ? "audio" : "video", { direction: "recvonly" });
    seals.open(transceiver.receiver, slot, position);
    if (slot === "tile") transceiver.receiver.jitterBufferTarget = PICTURE_WAITS_MS;
    preferOurCodec(transceiver, slot === "voice" ? VOICES : sound ? SOUND : PICTURES);
    return { slot, transceiver };
  });
  return { send, receive };
}

/**
 * How much each layer is scaled down for a capture of this height; what is missing is off. The lower
 * layers stay: given the upper two of three, Chromium sends the lower two.
 */
export function layersOf(height: number): ReadonlyMap<string, number> {
  const scales = height >= 540 ? [4, 2, 1] : height >= 270 ? [2, 1] : [1];
  return new Map(scales.map((scale, position) => [LAYERS[position] ?? "", scale]));
}

/** What `live` says: the height that layer h has, or would have if it were worth sending. */
export function liveHeight(captured: number): number {
  return captured * (4 / (layersOf(captured).get("l") ?? 4));
}

function isSound(stream: Stream): boolean {
  return stream === "microphone" || stream === "screen_audio";
}

const CAMERAS = ["video/vp8", "video/rtx"];
/** A screen is sent in the best of these that all who may see it take: slots take every one, first the
 * one that all begin with. */
const PICTURES = ["video/vp8", "video/vp9", "video/av1", "video/h264", "video/rtx"];
/** Of its many profiles the one that every browser with H.264 has (RFC 7742): Constrained Baseline. */
const H264 = ["packetization-mode=1", "profile-level-id=42e01f"];
const SOUND = ["audio/opus"];
/** Copies of older frames are taken where the browser can (Firefox cannot). They are added behind the
 * encoder (e2ee/redundancy.ts), so the lines that send need no such codec. */
const VOICES = ["audio/opus", "audio/red"];

function preferOurCodec(transceiver: RTCRtpTransceiver, wanted: readonly string[]): void {
  const kind = wanted[0]?.startsWith("video/") ? "video" : "audio";
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const isCommon = ({ mimeType, sdpFmtpLine = "" }: RTCRtpCodec) =>
    mimeType.toLowerCase() === "video/h264"
      ? H264.every((parameter) => sdpFmtpLine.toLowerCase().split(";").includes(parameter))
      : !/profile(-id)?=[1-9]/.test(sdpFmtpLine);
  const place = (codec: RTCRtpCodec) => wanted.indexOf(codec.mimeType.toLowerCase());
  transceiver.setCodecPreferences(
    codecs
      .filter((codec) => place(codec) >= 0 && isCommon(codec))
      .sort((a, b) => place(a) - place(b)),
  );
}
