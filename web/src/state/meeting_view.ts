// What the meeting page draws, made from the parts of a Meeting.

import { CAPABILITIES, RIGHTS } from "../e2ee/conference_values.ts";
import type { Devices } from "../media/devices.ts";
import type { Stream } from "../signal/messages.ts";
import { devicesView } from "./devices_view.ts";
import type { Knocker } from "./door.ts";
import { type Meeting, shareKey } from "./meeting.ts";
import { colour, initials, likeness, mixesAlphabets, numbered } from "./names.ts";
import type { Member } from "./people.ts";
import type {
  ChatView,
  ComparingView,
  DevicesView,
  Invite,
  InvitesView,
  MeetingView,
  OpenCheck,
  OpenComparison,
  Person,
  SecurityView,
  Share,
  SharingView,
  Tile,
  Waiting,
} from "./view.ts";

export function meetingView(
  meeting: Meeting,
  devices: Devices,
  inviteOf: (fragment: string) => Invite,
  guests: string,
  startNew: () => void,
): MeetingView {
  const { people, playback, connection, notices } = meeting;
  const oneself = ownPerson(meeting, devices);
  const typed = people.members.map(({ name }) => name);
  const [, ...names] = numbered([oneself.name, ...typed]); // nobody else goes by one's own name
  const others = people.members.map((member, at) => otherPerson(meeting, member, names[at] ?? ""));
  const share = meeting.soundOnly ? undefined : shareOf(meeting, others, oneself);
  return {
    page: "meeting",
    startedAt: meeting.startedAt,
    title: meeting.security.title,
    connection: connection.view,
    lookAtPath: () => connection.measurePath(),
    people: [...others, oneself],
    tiles: [...others.map((person) => tileOf(meeting, person)), ownTile(devices, oneself)],
    mostTiles: connection.tiles,
    ...(share ? { share } : {}),
    devices: ownDevices(meeting, devices),
    sharing: sharingOf(meeting),
    soundOnly: {
      on: meeting.soundOnly,
      toggle: () => meeting.setSoundOnly(!meeting.soundOnly),
    },
    lessData: {
      on: meeting.lessData,
      toggle: () => meeting.setLessData(!meeting.lessData),
    },
    holdToTalk: (held) => meeting.talk.hold(held),
    offAir: () => meeting.offAir(),
    invite: inviteOf(guests),
    ...(playback.blocked ? { soundBlocked: () => playback.unblock() } : {}),
    shown: (drawn) => meeting.shown(drawn),
    leave: () => meeting.leave(),
    ...(may(meeting, RIGHTS.settings) ? { endForAll: () => meeting.endForAll() } : {}),
    notices: notices.list,
    ...(may(meeting, RIGHTS.admit) ? { queue: queueOf(meeting) } : {}),
    security: securityOf(meeting, inviteOf),
    ...(meeting.security.lost
      ? {
          settingsLost: {
            lost: meeting.security.lost,
            seen: () => meeting.settingsSeen(),
          },
        }
      : {}),
    chat: chatOf(meeting),
    hand: { up: meeting.own.hand, toggle: () => meeting.own.raiseHand(!meeting.own.hand) },
    comparing: comparingOf(meeting, others, startNew),
  };
}

/** Without the right a microphone stays off, and why is said. Before it is known nothing is claimed: if the right then
 * turns out to be missing, the microphone is turned off. */
export function ownDevices(meeting: Meeting, devices: Devices): DevicesView {
  const view = devicesView(devices);
  const { own, allowedKnown } = meeting.security;
  if (own & CAPABILITIES.speak || !allowedKnown) return view;
  const toggle = () => meeting.notices.add({ what: "mic_held" });
  return { ...view, microphone: { ...view.microphone, toggle } };
}

function sharingOf(meeting: Meeting): SharingView {
  const { sharing, security, own } = meeting;
  const { asksToShare } = own;
  const allowed = (security.own & CAPABILITIES.share) !== 0;
  return {
    on: sharing.preview !== undefined,
    asked: asksToShare,
    ...(sharing.isPossible && allowed ? { toggle: () => void sharing.toggle() } : {}),
    ...(sharing.isPossible && !allowed ? { ask: () => own.askToShare(!asksToShare) } : {}),
  };
}

function may({ self }: Meeting, right: number): boolean {
  return ((self?.rights ?? 0) & right) !== 0;
}

function otherPerson(meeting: Meeting, member: Member, name: string): Person {
  const { participant, streams, isHost, index: leaf } = member;
  const remove = () => void meeting.wish({ wish: "remove", leaf });
  const sendBack = () => void meeting.wish({ wish: "send_back", leaf });
  const mute = () => void meeting.wish({ wish: "mute", leaf, streams: ["microphone"] });
  const check = meeting.checks.of(participant);
  const microphoneOn = streams.includes("microphone");
  const makeHost = () => void meeting.wish({ wish: "grant", leaf, rights: RIGHTS.all });
  return {
    ...drawnAs(participant, member.name),
    name,
    isSelf: false,
    isHost,
    microphoneOn,
    cameraOn: streams.includes("camera"),
    speaking: meeting.receivers.speaking(participant),
    reconnecting: meeting.receivers.silent(participant),
    away: member.away,
    hand: member.hand,
    asksToShare: member.asksToShare,
    ...(check ? { check } : {}),
    compare: () => void meeting.checks.begin(participant),
    ...(may(meeting, RIGHTS.remove) && microphoneOn ? { mute } : {}),
    ...(may(meeting, RIGHTS.remove) && !isHost && meeting.security.waitingRoom ? { sendBack } : {}),
    ...(may(meeting, RIGHTS.remove) ? { remove } : {}),
    ...sharingOfOther(meeting, member),
    ...(may(meeting, RIGHTS.grant) && !isHost ? { makeHost } : {}),
  };
}

/** Sharing is ended once, or not allowed any more. Hosts may always share. */
export function sharingOfOther(
  meeting: Meeting,
  member: Member,
): Pick<Person, "allowShare" | "forbidShare" | "endShare"> {
  const { index: leaf, streams, isHost, may: allowed = meeting.security.everyone } = member;
  const screen: readonly Stream[] = ["screen", "screen_audio"];
  const endShare = () => void meeting.wish({ wish: "mute", leaf, streams: screen });
  const ends = may(meeting, RIGHTS.remove) && streams.includes("screen") ? { endShare } : {};
  if (!may(meeting, RIGHTS.settings) || isHost) return ends;
  return allowed & CAPABILITIES.share
    ? { ...ends, forbidShare: () => meeting.letShare(member, false) }
    : { ...ends, allowShare: () => meeting.letShare(member, true) };
}

function queueOf(meeting: Meeting): readonly Waiting[] {
  return meeting.door.waiting.map((knocker) => {
    const { participant, name, before, asked, answer, deciding } = knocker;
    const alike = meeting.door.waiting.filter((one) => one.invite === knocker.invite).length;
    const inviteShared = knocker.invite !== 0 && alike > 1;
    const invite = inviteShared ? undefined : inviteName(meeting, knocker.invite);
    const clash = clashOf(meeting, knocker);
    return {
      ...drawnAs(participant, name),
      before,
      deciding,
      ...(clash ? { clash } : {}),
      mixed: mixesAlphabets(name),
      ...(invite === undefined ? {} : { invite }),
      ...(invite !== undefined && !meeting.invites.get(knocker.invite)?.label
        ? { inviteUnnamed: true }
        : {}),
      ...(inviteShared ? { inviteShared } : {}),
      ...(asked === undefined ? {} : { asked }),
      ...(answer === undefined ? {} : { answer }),
      letIn: () => meeting.letIn(participant),
      refuse: () => void meeting.wish({ wish: "refuse", participant }),
      ask: (question) => meeting.ask(participant, question),
    };
  });
}

/** With everybody who is here or waits, too: of two alike, both are flagged (ACC-17). */
function clashOf({ ticket, people, door }: Meeting, knocker: Knocker): Waiting["clash"] {
  const look = likeness(knocker.name);
  const isAlike = ({ name }: { name: string }) => likeness(name) === look;
  if (isAlike(ticket)) return "you";
  if (people.members.some(isAlike)) return "somebody_here";
  const others = door.waiting.filter(({ participant }) => participant !== knocker.participant);
  return others.some(isAlike) ? "somebody_waiting" : undefined;
}

/** An invite that is not known, or was withdrawn, is none. */
function inviteName({ invites }: Meeting, number: number): string | undefined {
  const invite = number === 0 ? undefined : invites.get(number);
  return invite && (invite.label ?? `${number}`);
}

const MOST_INVITES = 60; // IC_DOOR_INVITES_MAX

function invitesOf(meeting: Meeting, inviteOf: (fragment: string) => Invite): InvitesView {
  const { good } = meeting.invites;
  return {
    good: good.map(({ number, label, fragment }) => ({
      number,
      ...(label === undefined ? {} : { label }),
      ...(fragment === undefined ? {} : { invite: { ...inviteOf(fragment), forOne: false } }),
      withdraw: () => void meeting.wish({ wish: "withdraw", invite: number }),
    })),
    ...(good.length < MOST_INVITES ? { make: (label) => void meeting.makeInvite(label) } : {}),
  };
}

function securityOf(meeting: Meeting, inviteOf: (fragment: string) => Invite): SecurityView {
  const { security, people } = meeting;
  const names = [...security.elsewhere].flatMap((id) => people.get(id)?.name ?? []);
  const lock = (on: boolean) => void meeting.wish({ wish: "lock", on });
  const replaceLink = () => void meeting.wish({ wish: "replace_link" });
  return {
    keyHolders: security.keyHolders,
    keysChangedAt: security.keysChangedAt,
    keysChangedBy: security.keysChangedBy,
    postQuantum: true, // the only suite that meetings are made with, and a state asks for it
    titleShown: security.titleShown,
    locked: security.locked,
    replaced: security.replaced,
    allowed: {
      speak: (security.everyone & CAPABILITIES.speak) !== 0,
      share: (security.everyone & CAPABILITIES.share) !== 0,
      chat: (security.everyone & CAPABILITIES.chat) !== 0,
      link: (security.everyone & CAPABILITIES.link) !== 0,
    },
    silenced: security.silenced,
    elsewhere: names,
    waitingRoom: security.waitingRoom,
    straightIn: security.straightIn,
    passcode: security.passcode,
    ...(may(meeting, RIGHTS.settings)
      ? {
          setTitle: (text) => meeting.setTitle(text),
          showTitle: (on) => void meeting.wish({ wish: "show_title", on }),
          lock,
          replaceLink,
          setWaitingRoom: (on) => void meeting.wish({ wish: "waiting_room", on }),
          setStraightIn: (on) => void meeting.wish({ wish: "straight_in", on }),
          setPasscode: (text) => meeting.setPasscode(text),
          invites: invitesOf(meeting, inviteOf),
          allow: (what, on) => {
            const { everyone } = security;
            const now = on ? everyone | CAPABILITIES[what] : everyone & ~CAPABILITIES[what];
            void meeting.wish({ wish: "everyone", may: now });
          },
          ...(meeting.stopping.stopped
            ? { undo: () => meeting.stopping.undo() }
            : {
                stop: (out) =>
                  meeting.stopping.stop(out.flatMap((id) => people.get(id)?.index ?? [])),
              }),
        }
      : {}),
  };
}

function chatOf(meeting: Meeting): ChatView {
  const { chat, self } = meeting;
  return {
    messages: chat.said.map(({ participant, name, text: _, failed, ...said }) => ({
      ...said,
      name,
      initials: initials(name),
      colour: colour(participant),
      isSelf: participant === self?.participant,
      isChecked: meeting.checks.of(participant) === "checked",
      ...(failed ? { again: () => meeting.sayAgain(said.key) } : {}),
    })),
    cameLater: chat.cameLater,
    guestLinks: (meeting.security.everyone & CAPABILITIES.link) !== 0,
    ...(meeting.security.own & CAPABILITIES.chat ? { send: (text) => void meeting.say(text) } : {}),
  };
}

function comparingOf(
  meeting: Meeting,
  others: readonly Person[],
  startNew: () => void,
): ComparingView {
  const { comparing, people } = meeting;
  const same = others.filter(({ id }) => comparing.answerOf(id) === "same");
  const differing = others.filter(({ id }) => comparing.differs(id)).map(({ name }) => name);
  const asker = people.get(comparing.asker ?? "");
  return {
    begin: () => void comparing.begin(),
    ...(comparing.offered ? { offered: () => comparing.later() } : {}),
    ...(asker ? { asked: { name: asker.name, later: () => comparing.later() } } : {}),
    matched: comparing.own === "same" && others.length > 0 && same.length === others.length,
    differing,
    ...(comparing.open ? { open: openComparison(meeting, others, same, startNew) } : {}),
    ...openCheck(meeting, others, startNew),
  };
}

function readAloud({ speech }: Meeting): Pick<OpenCheck, "readAloud"> {
  return speech.isPossible ? { readAloud: (parts) => speech.read(parts) } : {};
}

function openCheck(
  meeting: Meeting,
  others: readonly Person[],
  startNew: () => void,
): Pick<ComparingView, "person"> {
  const { checks, speech } = meeting;
  const { participant, number } = checks.open ?? {};
  const person = others.find(({ id }) => id === participant);
  if (!person) return {};
  return {
    person: {
      person,
      ...(number ? { number, say: (answer) => meeting.sayNumber(answer) } : {}),
      differs: person.check === "different",
      ...readAloud(meeting),
      startNew,
      close: () => {
        speech.stop();
        checks.close();
      },
    },
  };
}

function openComparison(
  meeting: Meeting,
  others: readonly Person[],
  same: readonly Person[],
  startNew: () => void,
): OpenComparison {
  const { comparing, speech } = meeting;
  const { shown, own, stale } = comparing;
  const canSay = shown !== undefined && own === undefined && !stale;
  return {
    ...(shown ?? {}),
    same,
    missing: others.filter(({ id }) => comparing.answerOf(id) === undefined),
    ...(own === undefined ? {} : { own }),
    ...(canSay ? { say: (answer) => meeting.sayWords(answer) } : {}),
    stale,
    again: () => {
      comparing.takeBack();
      void comparing.begin();
    },
    ...readAloud(meeting),
    startNew,
    report: () => reportOf(meeting),
    close: () => {
      speech.stop();
      comparing.close();
    },
  };
}

/** For whoever looks into it: the words, the epoch and the time, and nobody's name. */
function reportOf({ comparing, security }: Meeting): string {
  return [
    "incamera: the words are different",
    new Date().toISOString(),
    `epoch ${comparing.epoch}, ${security.keyHolders} devices`,
    comparing.shown?.words.join(" ") ?? "",
  ].join("\n");
}

function ownPerson(meeting: Meeting, devices: Devices): Person {
  const microphoneOn = devices.microphone.isLive;
  const connection = meeting.connection.view;
  const participant = meeting.self?.participant ?? "";
  return {
    ...drawnAs(participant, meeting.ticket.name),
    isSelf: true,
    isHost: may(meeting, RIGHTS.admit),
    microphoneOn,
    cameraOn: devices.camera.isLive,
    speaking: microphoneOn && devices.speaking,
    reconnecting: connection.state === "reconnecting" && !connection.mediaFlows,
    away: devices.camera.paused,
    asksToShare: false, // nobody asks oneself
    hand: meeting.own.hand ? Number.POSITIVE_INFINITY : 0,
  };
}

function drawnAs(participant: string, name: string) {
  return { id: participant, name, initials: initials(name), colour: colour(participant) };
}

function tileOf(meeting: Meeting, person: Person): Tile {
  const wanted = person.cameraOn && !meeting.soundOnly;
  const picture = wanted ? meeting.receivers.picture(person.id, "camera") : undefined;
  return { key: person.id, person, ...(picture ? { picture } : {}) };
}

function ownTile(devices: Devices, person: Person): Tile {
  const { preview } = devices;
  return { key: person.id, person, ...(preview ? { picture: preview } : {}) };
}

// The own share is drawn only while nobody else shares: one sees what one shares anyway.
function shareOf(meeting: Meeting, others: readonly Person[], oneself: Person): Share | undefined {
  const person = others.find(({ id }) => id === meeting.people.sharer?.participant);
  if (person) {
    const picture = meeting.receivers.picture(person.id, "screen");
    return { key: shareKey(person.id), person, ...(picture ? { picture } : {}) };
  }
  const own = meeting.sharing.preview;
  return own ? { key: shareKey(oneself.id), person: oneself, picture: own } : undefined;
}
