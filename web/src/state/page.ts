// What every page of the app gets, and what the app gets of it.

import type { Devices } from "../media/devices.ts";
import type { CoreStarter } from "./core_starter.ts";
import type { AddressBar } from "./link.ts";
import type { Invite, View } from "./view.ts";

export interface Page {
  view(): View;
  /** The page is no longer shown. */
  close(): void;
}

/** The meeting a link names. */
export interface Invited {
  readonly meeting: string;
  readonly fragment: string; // one's own link: the host's is for nobody else
  readonly guests?: string; // what others get, when it is another and known
  readonly made?: boolean; // by this page, just now
}

/** How somebody comes to a meeting's door once more. */
export interface Coming {
  readonly movedBack?: boolean; // from the meeting, by a host
  readonly cutOff?: boolean; // was in, and the server has forgotten it
  readonly nameChanges?: number; // while waiting, so far
  readonly title?: string; // as its front card showed it
}

/** The app, as its pages know it. */
export interface Shell {
  readonly devices: Devices;
  readonly addressBar: AddressBar;
  readonly core: CoreStarter;
  readonly socketAddress: string;
  readonly origin: string;
  readonly server: string; // host name, to be read by people
  /** The name typed last; in memory only. */
  name: string;
  /** What a meeting is to be called that the host is about to begin; in memory only. */
  title: string;
  /** What is drawn changed. */
  readonly changed: () => void;
  readonly show: (page: Page) => void;
  readonly home: () => void;
  /** To the join page of a meeting. */
  readonly join: (invited: Invited, how?: Coming) => void;
  /** Straight in again, with the same name. */
  readonly rejoin: (invited: Invited, how?: Coming) => void;
  readonly invite: (meeting: string, guests: string) => Invite;
}
