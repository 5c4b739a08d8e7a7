// Pure text work on SDP (RFC 8829, RFC 8866): reads the browser's own offer into the lines of a
// `connect` message, and writes the answer from that offer and the server's `answer` message. The
// server never sees SDP. Every payload type and extension id in the answer comes from the offer:
// browsers differ in them, and so do two offers of one browser.

import type {
  Answer,
  Connect,
  ExtensionName,
  Extensions,
  Ice,
  Layer,
  OfferedLine,
  Slot,
  Stream,
} from "../signal/messages.ts";

/** What a line is for, by its mid: known from the transceivers, not from the SDP. */
export type Purpose = { readonly stream: Stream } | { readonly slot: Slot };

export interface Offer {
  readonly ice: Ice;
  readonly fingerprint: string; // base64url of the SHA-256
  readonly mixedExtensions: boolean;
  readonly lines: readonly Line[];
}

interface Extmap {
  readonly uri: string;
  readonly oneWay: boolean; // offered with a direction of its own
}

interface MoreCodec {
  readonly codec: "vp9" | "av1" | "h264";
  readonly pt: number;
  readonly rtx?: number;
  readonly format?: string; // of the offer
}

/** One m-section of the own offer. */
export interface Line {
  readonly mid: string;
  readonly kind: "audio" | "video";
  readonly sends: boolean; // sendonly; the others are recvonly
  readonly pt: number; // of Opus or VP8
  readonly rtx?: number;
  readonly red?: number;
  readonly more: readonly MoreCodec[]; // pictures of other codecs that the line may carry
  readonly extensions: Extensions;
  readonly extmaps: ReadonlyMap<ExtensionName, Extmap>;
  readonly layers: readonly Layer[];
}

/** The offer breaks what our own transceivers make certain; nothing a peer can cause. */
export class BadOffer extends Error {}

// Extensions by how their URI ends; the answer repeats the URI as it was offered.
const EXTENSIONS: readonly [string, ExtensionName][] = [
  [":sdes:mid", "mid"],
  [":sdes:rtp-stream-id", "rid"],
  [":sdes:repaired-rtp-stream-id", "rrid"],
  ["/draft-holmer-rmcat-transport-wide-cc-extensions-01", "twcc"],
  [":video-orientation", "orientation"],
  ["#dependency-descriptor-rtp-header-extension", "dependency"],
];
const LAYERS: readonly Layer[] = ["l", "m", "h"];

// kb/s, understood by Chromium: from its own 300 it took over 15 s to reach the largest layer, since
// the connection is there before the camera is pressed and its first probes found nothing to send.
const START = "x-google-start-bitrate=1200";

// Every frame is as long as the next one, in speech and in silence (PRV-17): constant rate, and no
// pauses, which is what it says when `usedtx` is missing. In-band correction as soon as losses are heard of.
const SOUND = "minptime=10;useinbandfec=1";
const SENT_SOUND = `${SOUND};cbr=1;maxaveragebitrate=`;
const VOICE_BPS = 32_000; // the first line that sends is the microphone's
const SCREEN_SOUND_BPS = 96_000;

// Firefox refuses a whole description that holds an id above this one.
const LAST_EXTENSION_ID = 14;

/** Reads the own offer as setLocalDescription left it. */
export function parseOffer(sdp: string): Offer {
  const [session = "", ...sections] = sdp.split(/^(?=m=)/m).map((part) => part.trim());
  const first = sections[0];
  if (first === undefined) throw new BadOffer("no m-section");
  const inFirst = (name: string) => value(first, name) ?? value(session, name);
  return {
    ice: {
      ufrag: needed(inFirst("ice-ufrag"), "ice-ufrag"),
      pwd: needed(inFirst("ice-pwd"), "ice-pwd"),
    },
    fingerprint: fingerprintFromSdp(needed(inFirst("fingerprint"), "fingerprint")),
    mixedExtensions: /^a=extmap-allow-mixed\r?$/m.test(sdp),
    lines: sections.map(parseLine),
  };
}

/** The lines of a `connect` message. */
export function connectLines(
  offer: Offer,
  purposes: ReadonlyMap<string, Purpose>,
): Connect["lines"] {
  return offer.lines.map((line): OfferedLine => {
    const purpose = purposes.get(line.mid);
    if (!purpose) throw new BadOffer(`line ${line.mid} has no purpose`);
    return {
      mid: line.mid,
      ...purpose,
      codec: line.kind === "audio" ? "opus" : "vp8",
      pt: line.pt,
      ...(line.rtx === undefined ? {} : { rtx: line.rtx }),
      ...redOf(line, purpose),
      ...moreOf(line),
      ...(line.layers.length > 0 ? { layers: line.layers } : {}),
      extensions: line.extensions,
    };
  });
}

// The browser numbers a sent line's packets as its encoder says, Opus; what the transform makes of all
// of a microphone's is redundant.
function redOf(line: Line, purpose: Purpose): { red?: number } {
  if ("stream" in purpose) return purpose.stream === "microphone" ? { red: line.pt } : {};
  return line.red === undefined ? {} : { red: line.red };
}

type MoreTypes = MoreCodec["codec"] | `${MoreCodec["codec"]}_rtx`;

function moreOf({ more }: Line): Pick<OfferedLine, MoreTypes> {
  return Object.fromEntries(
    more.flatMap(({ codec, pt, rtx }) => [
      [codec, pt],
      ...(rtx === undefined ? [] : [[`${codec}_rtx`, rtx]]),
    ]),
  );
}

/** The answer text for setRemoteDescription: an ICE-lite, passive server with host candidates. By the
 * purposes it says which sound and which picture belong together. */
export function writeAnswer(
  offer: Offer,
  answer: Answer,
  purposes: ReadonlyMap<string, Purpose> = new Map(),
): string {
  const streams = playedTogether(offer, purposes);
  const chosen = new Map(answer.lines.map((line) => [line.mid, line]));
  const bundle = offer.lines.map((line) => line.mid).join(" ");
  const transport = transportLines(answer);
  const out = [
    "v=0",
    `o=- ${answer.connection} 1 IN IP4 127.0.0.1`,
    "s=-",
    "t=0 0",
    "a=ice-lite",
    `a=group:BUNDLE ${bundle}`,
    "a=msid-semantic:WMS *",
    ...(offer.mixedExtensions ? ["a=extmap-allow-mixed"] : []),
  ];
  for (const [position, line] of offer.lines.entries()) {
    const bps = position === 0 ? VOICE_BPS : SCREEN_SOUND_BPS;
    const msid = `${streams.get(line.mid) ?? `slot-${line.mid}`} slot-${line.mid}`;
    out.push(...answeredSection(line, chosen.get(line.mid), transport, bps, msid));
  }
  return `${out.join("\r\n")}\r\n`;
}

/** The stream that a slot is part of, by mid. Browsers keep sound and picture of one stream in step: the first
 * voice slot and the first tile, and so on, and the sound and picture of a screen. The server fills them so. */
export function playedTogether(
  offer: Pick<Offer, "lines">,
  purposes: ReadonlyMap<string, Purpose>,
): ReadonlyMap<string, string> {
  const counts = new Map<Slot, number>();
  const streams = new Map<string, string>();
  for (const { mid } of offer.lines) {
    const purpose = purposes.get(mid);
    if (!purpose || "stream" in purpose) continue;
    const { slot } = purpose;
    const place = counts.get(slot) ?? 0;
    counts.set(slot, place + 1);
    streams.set(mid, `${slot === "voice" || slot === "tile" ? "person" : "screen"}-${place}`);
  }
  return streams;
}

/** The answer again, with the server's new ICE credentials: the reply to a restart offer. */
export function answerAfterRestart(answer: Answer, ice: Ice): Answer {
  return { ...answer, ice };
}

function parseLine(section: string): Line {
  const kind = section.startsWith("m=audio ") ? "audio" : "video";
  const codec = kind === "audio" ? "opus" : "VP8";
  const offered = (section.split(/\r?\n/, 1)[0] ?? "").split(" ").slice(3);
  const pt = needed(payloadType(section, offered, codec), `${codec} in the offer`);
  const rtx = resendType(section, offered, pt);
  const red = payloadType(section, offered, "red");
  return {
    mid: needed(value(section, "mid"), "mid"),
    kind,
    sends: /^a=sendonly\r?$/m.test(section),
    pt: Number(pt),
    ...(kind === "video" && rtx !== undefined ? { rtx: Number(rtx) } : {}),
    ...(red === undefined ? {} : { red: Number(red) }),
    more: kind === "video" ? parseMore(section, offered) : [],
    ...parseExtensions(section),
    layers: LAYERS.filter((rid) => value(section, `rid:${rid} send`, "") !== undefined),
  };
}

function resendType(section: string, offered: string[], pt: string): string | undefined {
  return offered.find((each) => value(section, `fmtp:${each}`, " ")?.split(";")[0] === `apt=${pt}`);
}

function parseMore(section: string, offered: string[]): MoreCodec[] {
  return (["vp9", "av1", "h264"] as const).flatMap((codec) => {
    const pt = payloadType(section, offered, codec.toUpperCase());
    if (pt === undefined) return [];
    const rtx = resendType(section, offered, pt);
    const format = value(section, `fmtp:${pt}`, " ");
    return {
      codec,
      pt: Number(pt),
      ...(rtx === undefined ? {} : { rtx: Number(rtx) }),
      ...(format === undefined ? {} : { format }),
    };
  });
}

// Only payload types of the m= line count: Firefox leaves lines behind for those it dropped.
function payloadType(section: string, offered: string[], codec: string): string | undefined {
  return offered.find((pt) => value(section, `rtpmap:${pt} ${codec}/`, "") !== undefined);
}

function parseExtensions(section: string): Pick<Line, "extensions" | "extmaps"> {
  const extensions: { -readonly [K in ExtensionName]?: number } = {};
  const extmaps = new Map<ExtensionName, Extmap>();
  for (const [, id, way, uri = ""] of section.matchAll(/^a=extmap:(\d+)(\/\w+)? (\S+)/gm)) {
    const name = EXTENSIONS.find(([end]) => uri.endsWith(end))?.[1];
    if (!name || Number(id) < 1 || Number(id) > LAST_EXTENSION_ID) continue;
    extensions[name] = Number(id);
    extmaps.set(name, { uri, oneWay: way !== undefined });
  }
  return { extensions, extmaps };
}

type AnsweredLine = Answer["lines"][number];

function answeredSection(
  line: Line,
  answered: AnsweredLine | undefined,
  transport: string[],
  soundBps: number,
  msid: string,
): string[] {
  const more = line.more.flatMap(({ pt, rtx }) => [pt, rtx]);
  const payloads = [line.pt, line.rtx, line.red, ...more]
    .filter((pt) => pt !== undefined)
    .join(" ");
  return [
    `m=${line.kind} 9 UDP/TLS/RTP/SAVPF ${payloads}`,
    "c=IN IP4 0.0.0.0",
    "a=rtcp:9 IN IP4 0.0.0.0",
    ...transport,
    `a=mid:${line.mid}`,
    ...(answered ? extensionLines(line, answered) : []),
    `a=${direction(line, answered)}`,
    "a=rtcp-mux",
    "a=rtcp-rsize",
    ...codecLines(line, answered, soundBps),
    ...(answered && line.sends ? layerLines(line) : []),
    ...(answered && !line.sends ? sourceLines(msid, answered) : []),
  ];
}

function transportLines(answer: Answer): string[] {
  return [
    `a=ice-ufrag:${answer.ice.ufrag}`,
    `a=ice-pwd:${answer.ice.pwd}`,
    `a=fingerprint:sha-256 ${fingerprintToSdp(answer.fingerprint)}`,
    "a=setup:passive",
    ...answer.candidates.map(candidateLine),
    "a=end-of-candidates",
  ];
}

// RFC 8839 section 5.1; priorities by RFC 8445 section 5.1.2, UDP before TCP.
function candidateLine(candidate: Answer["candidates"][number], position: number): string {
  const preference = 65_535 - position;
  const typePreference = candidate.protocol === "udp" ? 126 : 90;
  const priority = typePreference * 2 ** 24 + preference * 2 ** 8 + 255;
  const { protocol, address, port } = candidate;
  const passive = protocol === "tcp" ? " tcptype passive" : "";
  return `a=candidate:${position + 1} 1 ${protocol} ${priority} ${address} ${port} typ host${passive}`;
}

function direction(line: Line, answered: AnsweredLine | undefined): string {
  if (!answered) return "inactive";
  return line.sends ? "recvonly" : "sendonly";
}

function extensionLines(line: Line, answered: AnsweredLine): string[] {
  return answered.extensions.flatMap((name) => {
    const id = line.extensions[name];
    const extmap = line.extmaps.get(name);
    if (id === undefined || !extmap) return [];
    const only = extmap.oneWay ? `/${line.sends ? "recvonly" : "sendonly"}` : "";
    return [`a=extmap:${id}${only} ${extmap.uri}`];
  });
}

function codecLines(line: Line, answered: AnsweredLine | undefined, soundBps: number): string[] {
  const congestion = answered?.extensions.includes("twcc") && line.extensions.twcc !== undefined;
  const feedbackOf = (pt: number) =>
    [
      ...(congestion ? ["transport-cc"] : []),
      ...(line.kind === "video" ? ["ccm fir", "nack", "nack pli"] : []),
    ].map((what) => `a=rtcp-fb:${pt} ${what}`);
  const feedback = feedbackOf(line.pt);
  if (line.kind === "audio") {
    return [
      `a=rtpmap:${line.pt} opus/48000/2`,
      ...feedback,
      `a=fmtp:${line.pt} ${line.sends ? SENT_SOUND + soundBps : SOUND}`,
      ...(line.red === undefined
        ? []
        : [`a=rtpmap:${line.red} red/48000/2`, `a=fmtp:${line.red} ${line.pt}/${line.pt}`]),
    ];
  }
  const resendOf = (pt: number, rtx: number | undefined) =>
    rtx === undefined ? [] : [`a=rtpmap:${rtx} rtx/90000`, `a=fmtp:${rtx} apt=${pt}`];
  const more = line.more.flatMap(({ codec, pt, rtx, format }) => [
    `a=rtpmap:${pt} ${codec.toUpperCase()}/90000`,
    ...feedbackOf(pt),
    ...(format === undefined ? [] : [`a=fmtp:${pt} ${format}`]),
    ...resendOf(pt, rtx),
  ]);
  const start = line.layers.length > 0 ? [`a=fmtp:${line.pt} ${START}`] : [];
  return [
    `a=rtpmap:${line.pt} VP8/90000`,
    ...feedback,
    ...start,
    ...resendOf(line.pt, line.rtx),
    ...more,
  ];
}

function layerLines(line: Line): string[] {
  if (line.layers.length === 0) return [];
  return [
    ...line.layers.map((rid) => `a=rid:${rid} recv`),
    `a=simulcast:recv ${line.layers.join(";")}`,
  ];
}

// Without a declared FID pair Firefox never uses resent packets.
function sourceLines(stream: string, { ssrc, rtx_ssrc: rtx }: AnsweredLine): string[] {
  const msid = `a=msid:${stream}`;
  if (ssrc === undefined) return [msid];
  const name = "cname:incamera";
  if (rtx === undefined) return [msid, `a=ssrc:${ssrc} ${name}`];
  return [
    msid,
    `a=ssrc-group:FID ${ssrc} ${rtx}`,
    `a=ssrc:${ssrc} ${name}`,
    `a=ssrc:${rtx} ${name}`,
  ];
}

/** What follows `a=name` and the separator on the first line that starts so. */
function value(section: string, name: string, separator = ":"): string | undefined {
  const start = `a=${name}${separator}`;
  for (const line of section.split(/\r?\n/)) {
    if (line.startsWith(start)) return line.slice(start.length);
  }
  return undefined;
}

function needed<T>(what: T | undefined, name: string): T {
  if (what === undefined) throw new BadOffer(`no ${name}`);
  return what;
}

function fingerprintFromSdp(text: string): string {
  const [hash, hex = ""] = text.split(" ");
  const bytes = hex.split(":").map((pair) => Number.parseInt(pair, 16));
  if (hash?.toLowerCase() !== "sha-256" || bytes.length !== 32 || bytes.some(Number.isNaN))
    throw new BadOffer("fingerprint");
  const plain = btoa(String.fromCharCode(...bytes));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fingerprintToSdp(base64url: string): string {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return [...plain]
    .map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase())
    .join(":");
}
