// What a participant says about itself to the others, as JSON inside the seal: docs/protocol.md,
// "Inside an announcement". Only somebody with the link could have sealed it, but that does not make
// it well formed.

import type { Stream } from "../signal/messages.ts";
import {
  base64url,
  flag,
  integer,
  list,
  Malformed,
  oneOf,
  parseStrict,
  record,
  text,
} from "../signal/shape.ts";
import { checkName } from "./names.ts";

export interface Announcement {
  readonly index: number;
  readonly epoch: number;
  readonly nonce: string;
  readonly serial: number;
  readonly name: string;
  readonly streams: readonly Stream[];
  readonly away: boolean; // the camera is paused, because nobody looks at the page
}

const SHAPE = record(
  {
    announcement: integer(1, 1),
    index: integer(0, 1023),
    epoch: integer(0, 255),
    nonce: base64url(16),
    serial: integer(0, 0x7fff_ffff),
    name: text(1, 240, /^[\s\S]*$/),
    streams: list(oneOf("microphone", "camera", "screen", "screen_audio"), 4),
  },
  { away: flag },
);

export function writeAnnouncement(announcement: Announcement): string {
  const { index, epoch, nonce, serial, name, streams, away } = announcement;
  const said = { announcement: 1, index, epoch, nonce, serial, name, streams };
  return JSON.stringify(away ? { ...said, away } : said);
}

/** Undefined: not an announcement of the participant with this index. */
export function readAnnouncement(json: string, index: number): Announcement | undefined {
  try {
    const { announcement: _, ...said } = SHAPE(parseStrict(json));
    const checked = checkName(said.name);
    if (said.index !== index || "problem" in checked) return undefined;
    return { ...said, away: said.away ?? false, name: checked.name };
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

/** Whether `next` replaces `known`: within an epoch the serial only rises. */
export function isNewer(next: Announcement, known: Announcement | undefined): boolean {
  if (!known || next.epoch !== known.epoch || next.nonce !== known.nonce) return true;
  return next.serial > known.serial;
}
