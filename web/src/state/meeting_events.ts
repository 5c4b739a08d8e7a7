// What a meeting needs to begin, and what it tells whoever draws it.

import type { Said } from "../signal/messages.ts";
import type { LeftView } from "./view.ts";

export interface Ticket {
  readonly meeting: string;
  readonly proof: string;
  readonly host?: string; // host proof, of the host's own link
  readonly name: string;
  readonly title?: string; // that the host typed
  readonly resume?: string; // to be the same participant as before
}

/** Why one is not in it any more. Who was sent back waits again. */
export type Over = LeftView["why"] | "sent_back";

/** On the way in. */
export interface MeetingEvents {
  /** One waits to be let in; again whenever something of that changed. */
  readonly waiting: () => void;
  readonly entered: () => void;
  readonly refused: (error: Said<"error">) => void;
  /** What the server shows is not of the host that the link names. */
  readonly notTheHost: (code: number) => void;
  readonly over: (why: Over) => void;
  /** The socket was lost; it is tried again. */
  readonly lost: (retryInMs: number) => void;
}

/** While in the meeting. */
export interface StayEvents {
  /** Something that is drawn changed. */
  readonly changed: () => void;
  readonly over: (why: Over) => void;
  /** The link was replaced: the fragment for guests from now on. */
  readonly link: (fragment: string) => void;
  /** The core is gone: come in again with a new one. */
  readonly broken: () => void;
}

export interface Self {
  readonly participant: string;
  readonly leaf: number;
  readonly rights: number; // RIGHTS of e2ee/conference.ts
}
