// What the interface draws, and what a person can do: the seam between `ui` (draws this, decides
// nothing) and the rest. Values are plain and immutable; the app publishes a new View through one
// signal whenever something changes. An action that is not allowed is absent, not disabled.

import type { Tried } from "../media/trial.ts";
import type { ChatPart } from "./chat_links.ts";
import type { Check } from "./checks.ts";
import type { PathView } from "./path.ts";
import type { KeyChange } from "./security.ts";

export type View = HomeView | JoinView | WaitingView | MeetingView | LeftView;

/** The page at `/`, and at `/start#TOKEN` with the right to start a meeting. */
export interface HomeView {
  readonly page: "home";
  readonly start?: () => void; // absent without a start token
  readonly starting: boolean;
  readonly useLink: (link: string) => void;
  readonly problem?: Problem;
  /** The meeting just made, to invite people to. */
  readonly invite?: Invite;
  readonly enter?: () => void; // to the join page of `invite`
}

export interface Invite {
  readonly address: string; // "meet.example.org/AAECAw…", all before the #
  readonly secret: string; // all after the #, drawn coloured
  readonly copy: () => Promise<boolean>; // false: the browser refused
  readonly forOne: boolean; // one's own personal invite: there is nothing to pass on
  /** Another computer cannot open this link (plain HTTP on localhost). */
  readonly thisComputerOnly: boolean;
}

/** Before the meeting. Microphone and camera are off. */
export interface JoinView {
  readonly page: "join";
  readonly server: string; // host name, for the chip
  readonly name: string;
  readonly setName: (name: string) => void;
  readonly nameProblem?: "empty" | "too_long" | "bad_characters";
  /** What the meeting is called, where one may know it already. */
  readonly called?: string;
  /** For the host: what it is to be called. */
  readonly title?: TitleField;
  readonly devices: DevicesView;
  readonly network?: { readonly view: NetworkView; readonly start: () => void }; // absent: no link
  readonly join?: () => void; // absent while it cannot work
  readonly joining: boolean;
  /** One's own meeting: nobody has to be asked. */
  readonly opens?: boolean;
  readonly problem?: Problem;
}

export interface TitleField {
  readonly text: string;
  readonly set: (text: string) => void;
  readonly problem?: "too_long" | "bad_characters";
}

/** Whether media would get through. */
export type NetworkView =
  | { readonly state: "idle" | "running" | "failed" }
  | {
      readonly state: "done";
      readonly ways: readonly Tried[];
      readonly places: readonly string[]; // what a network has to let through, as it is told to others
    };

/** Between asking and being let in. Nothing of the meeting is known here, and nobody inside knows more
 * of the person than the name. Microphone and camera may be on for the preview only. */
export interface WaitingView {
  readonly page: "waiting";
  readonly server: string;
  readonly name: string;
  readonly initials: string;
  readonly colour: number; // 0-7
  readonly own: boolean; // one's own meeting
  readonly waitingSince: number; // ms, performance.now() clock
  /** Somebody who can let people in is there. */
  readonly attended: boolean;
  readonly locked: boolean;
  /** A host let one in, and there is no room yet. */
  readonly full: boolean;
  readonly title?: string; // of the meeting, where the host shows it
  /** The server can be reached; false: "Trying again". */
  readonly connected: boolean;
  readonly devices: DevicesView;
  readonly question?: { readonly text: string; readonly answer: (text: string) => void };
  /** The meeting has a passcode; `wrong`: the last one did not open it. */
  readonly passcode?: {
    readonly asked: "needed" | "wrong" | "hidden"; // hidden: the server does not show that there was one
    readonly enter: (passcode: string) => void;
  };
  readonly changeName?: () => void; // to the join page; absent after a few times
  /** A host sent one back here from the meeting. */
  readonly movedBack: boolean;
  readonly cutOff: boolean; // was in, and comes back
  readonly leave: () => void;
}

/** Own microphone, camera and speaker: on the join page and in the meeting. */
export interface DevicesView {
  readonly microphone: DeviceView;
  readonly camera: DeviceView;
  readonly speaker: DeviceMenu;
  readonly preview?: MediaStream; // camera on: the picture, to be drawn mirrored
  readonly level: number; // own microphone, 0 to 1; 0 while off
  readonly testSound: () => void;
}

export interface DeviceView extends DeviceMenu {
  readonly on: boolean;
  readonly toggle: () => void;
  readonly problem?: "denied" | "busy" | "none" | "failed" | "gone"; // while it was on
  readonly forgetProblem: () => void;
}

export interface DeviceMenu {
  /** Empty until the browser tells labels, which it does after the first permission. */
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  readonly chosen?: string;
  readonly choose: (id: string) => void;
}

export interface MeetingView {
  readonly page: "meeting";
  readonly startedAt: number; // ms, performance.now() clock
  readonly title: string; // what the meeting is called; empty: nothing
  readonly connection: ConnectionView;
  /** How the connection was since this was asked last: for who looks at it, every few seconds. */
  readonly lookAtPath: () => Promise<PathView | undefined>;
  readonly people: readonly Person[]; // by time of joining; oneself is last and `isSelf`
  readonly tiles: readonly Tile[]; // cameras (or initials) that may be drawn, in order
  readonly mostTiles: number; // at once: there are no more pictures to get
  readonly share?: Share; // the newest screen somebody shares, if any
  readonly devices: DevicesView;
  readonly sharing: SharingView;
  /** On: no picture is sent or shown, and camera and sharing are not to be drawn. */
  readonly soundOnly: { readonly on: boolean; readonly toggle: () => void };
  /** On: small pictures only, to and from here. */
  readonly lessData: { readonly on: boolean; readonly toggle: () => void };
  /** Push-to-talk: the key went down, or up. */
  readonly holdToTalk: (held: boolean) => void;
  /** Microphone, camera and sharing off. */
  readonly offAir: () => void;
  readonly invite: Invite;
  readonly soundBlocked?: () => void; // present: the browser holds sound back; call on a press
  /** What the grid draws now; the app asks the server for no more than this. Call after layout. */
  readonly shown: (drawn: readonly Drawn[]) => void;
  readonly leave: () => void;
  readonly endForAll?: () => void; // hosts
  readonly notices: readonly Notice[]; // announced in text and to screen readers, newest last
  readonly queue?: readonly Waiting[]; // who waits; only for those who may let in
  readonly security: SecurityView;
  /** The host began the meeting again, and settings are not what they were, or may not be. */
  readonly settingsLost?: { readonly lost: SettingsLost; readonly seen: () => void };
  readonly chat: ChatView;
  readonly hand: { readonly up: boolean; readonly toggle: () => void };
  readonly comparing: ComparingView;
}

/** All but passcode and lock; all; all, since the server shows nothing of what this device knows; those
 * of a meeting before, if there was one, which this device does not know. */
export type SettingsLost =
  | "settings_lost"
  | "settings_all_lost"
  | "settings_hidden"
  | "settings_unknown";

export interface SharingView {
  readonly on: boolean;
  readonly toggle?: () => void; // absent: the browser cannot, or one may not
  readonly ask?: () => void; // one may not, but may ask; again: not any more
  readonly asked: boolean;
}

/** Words that are the same for all who hold the same keys, to be read aloud. */
export interface ComparingView {
  readonly begin: () => void;
  /** Who asks to compare, as long as nobody here looked. */
  readonly asked?: { readonly name: string; readonly later: () => void };
  /** Once a stay, in a small meeting: nobody asked, and it would be quick. Call to put it off. */
  readonly offered?: () => void;
  /** All say that they see the same words, and nobody came or went since. */
  readonly matched: boolean;
  readonly differing: readonly string[]; // names of those who see other words
  readonly open?: OpenComparison;
  readonly person?: OpenCheck;
}

/** The number that one compares with one person. */
export interface OpenCheck {
  readonly person: Person;
  readonly number?: readonly string[]; // absent while it is made
  readonly differs: boolean; // so one said
  readonly say?: (answer: "same" | "different") => void; // absent without the number
  readonly readAloud?: (parts: readonly string[]) => void;
  readonly startNew: () => void;
  readonly close: () => void;
}

export interface OpenComparison {
  readonly words?: readonly string[]; // absent while they are made
  readonly numbers?: readonly string[];
  readonly same: readonly Person[]; // who says so
  readonly missing: readonly Person[]; // of whom nothing is known; oneself not
  readonly own?: "same" | "different";
  readonly stale: boolean; // somebody came or went since: these are the words of before
  readonly say?: (answer: "same" | "different") => void; // absent: the words are of the past, or not there yet
  readonly again: () => void; // the words of now, or another look after a mistake
  readonly readAloud?: (parts: readonly string[]) => void; // absent: this device has no voice
  readonly startNew: () => void; // leaves, to where meetings begin
  readonly report: () => string; // what to show who runs the server, without names
  readonly close: () => void;
}

/** What is written to all, while one is here. */
export interface ChatView {
  readonly messages: readonly ChatMessage[]; // the newest last
  /** Others were here before: what they wrote then was not sent here. */
  readonly cameLater: boolean;
  readonly guestLinks: boolean; // may be opened
  readonly send?: (text: string) => void; // as `cleaned` and not in `excess`; absent: not allowed
}

export interface ChatMessage {
  readonly key: string;
  readonly name: string;
  readonly initials: string;
  readonly colour: number;
  readonly isSelf: boolean;
  readonly isHost: boolean;
  readonly isChecked: boolean; // by oneself
  readonly at: number; // ms since 1970
  readonly parts: readonly ChatPart[];
  /** The host that a link could be taken for; by its target. */
  readonly resembles: ReadonlyMap<string, string>;
  readonly again?: () => void; // it could not be sent
}

/** Somebody who waits. The name is typed by themselves. */
export interface Waiting {
  readonly id: string;
  readonly name: string;
  readonly initials: string;
  readonly colour: number;
  readonly invite?: string; // comes with the personal invite called so
  readonly inviteUnnamed?: boolean; // which is a number only: another host made it
  readonly inviteShared?: boolean; // and so does somebody else who waits
  readonly clash?: "you" | "somebody_here" | "somebody_waiting"; // has, or seems to have, their name
  readonly mixed: boolean; // letters of several alphabets in a word
  readonly before: number; // times somebody came from there and was refused or removed
  readonly asked?: string; // the question that was put to them
  readonly answer?: string;
  readonly deciding: boolean; // being let in right now
  readonly letIn: () => void;
  readonly refuse: () => void;
  readonly ask: (question: string) => void; // at most 200 characters
}

export type Allowance = "speak" | "share" | "chat" | "link";

/** What everybody may know about the door and the keys, and what hosts may change. */
export interface SecurityView {
  readonly keyHolders: number; // devices that hold the key, one's own too
  readonly keysChangedAt: number; // ms, performance.now() clock
  readonly keysChangedBy: KeyChange;
  readonly postQuantum: boolean;
  readonly titleShown: boolean; // to people who wait
  readonly setTitle?: (text: string) => Promise<boolean>; // false: it has characters that cannot be shown, or it failed
  readonly showTitle?: (on: boolean) => void;
  readonly locked: boolean;
  readonly lock?: (on: boolean) => void;
  readonly replaced: number; // how often the link was, since one is here
  readonly allowed: Readonly<Record<Allowance, boolean>>; // to all
  readonly allow?: (what: Allowance, on: boolean) => void;
  readonly stop?: (out: readonly string[]) => void; // mics, sharing and chat of all others, the door, and people with these ids
  readonly undo?: () => void; // for 10 s after that
  readonly replaceLink?: () => void;
  readonly waitingRoom: boolean;
  readonly setWaitingRoom?: (on: boolean) => void;
  readonly straightIn: boolean; // who has a personal invite is not asked about
  readonly setStraightIn?: (on: boolean) => void;
  readonly passcode: boolean; // one is asked for besides the link
  readonly setPasscode?: (text: string | null) => Promise<boolean>; // false: blank, or it failed
  readonly invites?: InvitesView;
  /** Nobody vouches for the keys that this device has: it sends nothing until somebody does. */
  readonly silenced: boolean;
  /** Names of people whose group is another than this device's, though it should be the same. */
  readonly elsewhere: readonly string[];
}

/** Links for one person each. */
export interface InvitesView {
  readonly good: readonly PersonalInviteView[];
  readonly make?: (label: string) => void; // absent: there are as many as may be
}

export interface PersonalInviteView {
  readonly number: number;
  readonly label?: string; // known to whoever made it
  readonly invite?: Invite;
  readonly withdraw: () => void;
}

export interface Drawn {
  readonly key: string; // of a Tile or the Share
  readonly height: number; // device pixels; not drawn: left out
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly initials: string;
  readonly colour: number; // 0-7, index into the avatar colours
  readonly isSelf: boolean;
  readonly isHost: boolean;
  readonly microphoneOn: boolean;
  readonly cameraOn: boolean;
  readonly speaking: boolean;
  readonly reconnecting: boolean;
  readonly hand: number; // 0: down; else the lower, the earlier it went up
  readonly away: boolean; // not looking: the camera is paused
  readonly check?: Check; // absent: one has checked nothing of them
  readonly compare?: () => void; // a number, with them alone
  readonly mute?: () => void; // their microphone is on, and their device turns it off
  readonly sendBack?: () => void; // to the waiting room
  readonly remove?: () => void; // takes them out, and replaces the link
  readonly asksToShare: boolean;
  readonly endShare?: () => void; // who shares, and may share again
  /** One of the two, by what they may now, whichever host allowed it. */
  readonly allowShare?: () => void;
  readonly forbidShare?: () => void;
  readonly makeHost?: () => void; // gives them the rights that oneself has
}

export interface Tile {
  readonly key: string; // stable while the person is here
  readonly person: Person;
  readonly picture?: MediaStream; // only once a frame has been decrypted; else draw initials
}

export interface Share {
  readonly key: string;
  readonly person: Person;
  readonly picture?: MediaStream; // own share: the local stream
}

export type ConnectionView =
  | { readonly state: "connecting"; readonly blocked: boolean } // by the network, it seems
  | { readonly state: "good" }
  | { readonly state: "weak"; readonly long: boolean } // others' pictures are turned down, for a while already
  | {
      readonly state: "reconnecting";
      readonly mediaFlows: boolean; // only signalling is away: the others still see and hear
      readonly long: boolean; // time to offer something else than waiting
    }
  | { readonly state: "offline"; readonly retryInMs: number; readonly long: boolean };

export interface LeftView {
  readonly page: "left";
  readonly why:
    | "left"
    | "ended"
    | "ended_by_you"
    | "elsewhere"
    | "gave_up"
    | "removed"
    | "refused"
    | "link_replaced"
    | "place_lost"; // the same, to one who was let in and waited for a place
  readonly rejoin?: () => void; // for 30 s, where the link still opens something
  readonly home: () => void;
}

/** One sentence and at most one action; the words are in the catalogue under `problem-<what>`. */
export interface Problem {
  readonly what:
    | "link_wrong" // malformed
    | "link_dead" // whole, but the server says no_entry
    | "link_old" // of a meeting of an earlier version, which had no door
    | "not_the_host" // what the server shows is not of the host that the link names: do not go in
    | "refused_wait" // refused twice from here: wait
    | "browser_cannot_encrypt" // no RTCRtpScriptTransform: refused before joining
    | "not_secure_context"
    | "full"
    | "start_used"
    | "network"
    | "server_stopping"
    | "no_media"
    | "too_fast"
    | "internal";
  readonly code?: string; // short, shown in mono: "E-ICE-2"
  readonly retry?: () => void;
  readonly retryInMs?: number;
}

export type Notice =
  | {
      readonly key: string;
      readonly what: "joined";
      readonly name: string;
      readonly isGuest?: boolean; // nobody has checked the name
    }
  | { readonly key: string; readonly what: "left"; readonly name: string }
  | {
      readonly key: string;
      readonly what: "share_started" | "share_ended" | "share_asked" | "hand_up";
      readonly name: string;
    }
  | { readonly key: string; readonly what: "knocking"; readonly name: string } // waits
  | {
      readonly key: string;
      readonly what:
        | "removed_by_host"
        | "sent_back"
        | "muted_by_host"
        | "camera_by_host"
        | "share_by_host"
        | "words_differ"
        | "key_changed";
      readonly name: string;
    }
  | {
      readonly key: string;
      readonly what: "written"; // in the chat
      readonly name: string;
      readonly text: string;
    }
  | { readonly key: string; readonly what: "connection_lost"; readonly name: string } // taken for gone
  | { readonly key: string; readonly what: "locked" | "unlocked" | "link_replaced" }
  | {
      readonly key: string;
      readonly what: "link_replaced_waiting"; // the same, to a host: with the old one
      readonly count: number; // of people
    }
  | { readonly key: string; readonly what: "titled"; readonly name: string } // is called so now
  | { readonly key: string; readonly what: "untitled" | "title_shown" | "title_hidden" }
  | { readonly key: string; readonly what: "waiting_room_on" | "waiting_room_off" }
  | { readonly key: string; readonly what: "straight_in_on" | "straight_in_off" }
  | {
      readonly key: string;
      readonly what: "share_all" | "share_hosts" | "share_taken" | "mic_held";
    }
  | { readonly key: string; readonly what: "chat_on" | "chat_off" | "mics_on" | "mics_off" }
  | { readonly key: string; readonly what: "links_on" | "links_off" }
  | { readonly key: string; readonly what: "wrong_commit" } // refused by everybody
  | { readonly key: string; readonly what: "meeting_full" } // who was let in has to wait
  | { readonly key: string; readonly what: SettingsLost }
  | { readonly key: string; readonly what: "talking_while_muted" | "back_again" | "slower_way" };
