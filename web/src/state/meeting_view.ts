// What the meeting page draws, made from the parts of a Meeting.

import type { Devices } from "../media/devices.ts";
import { devicesView } from "./devices_view.ts";
import { isHost } from "./host.ts";
import { type Meeting, shareKey } from "./meeting.ts";
import { colour, initials, numbered } from "./names.ts";
import type { Member } from "./people.ts";
import type { Invite, MeetingView, Person, Share, Tile } from "./view.ts";

export function meetingView(meeting: Meeting, devices: Devices, invite: Invite): MeetingView {
  const { people, playback, sharing, connection, notices, self } = meeting;
  const oneself = ownPerson(meeting, devices);
  const typed = people.members.map(({ announcement }) => announcement.name);
  const [, ...names] = numbered([oneself.name, ...typed]); // nobody else goes by one's own name
  const others = people.members.map((member, at) => otherPerson(meeting, member, names[at] ?? ""));
  const share = meeting.soundOnly ? undefined : shareOf(meeting, others, oneself);
  return {
    page: "meeting",
    startedAt: meeting.startedAt,
    connection: connection.view,
    people: [...others, oneself],
    tiles: [...others.map((person) => tileOf(meeting, person)), ownTile(devices, oneself)],
    mostTiles: connection.tiles,
    ...(share ? { share } : {}),
    devices: devicesView(devices),
    sharing: {
      on: sharing.preview !== undefined,
      ...(sharing.isPossible ? { toggle: () => void sharing.toggle() } : {}),
    },
    soundOnly: {
      on: meeting.soundOnly,
      toggle: () => meeting.setSoundOnly(!meeting.soundOnly),
    },
    holdToTalk: (held) => meeting.talk.hold(held),
    offAir: () => meeting.offAir(),
    invite,
    ...(playback.blocked ? { soundBlocked: () => playback.unblock() } : {}),
    shown: (drawn) => meeting.shown(drawn),
    leave: () => meeting.leave(),
    ...(self?.isHost ? { endForAll: () => meeting.endForAll() } : {}),
    notices: notices.list,
  };
}

function otherPerson(meeting: Meeting, member: Member, name: string): Person {
  const { participant, announcement } = member;
  const { streams } = announcement;
  return {
    ...drawnAs(participant, announcement.name),
    name,
    isSelf: false,
    isHost: isHost(participant, meeting.self),
    microphoneOn: streams.includes("microphone"),
    cameraOn: streams.includes("camera"),
    speaking: meeting.receivers.speaking(participant),
    reconnecting: meeting.receivers.silent(participant),
    away: announcement.away,
  };
}

function ownPerson(meeting: Meeting, devices: Devices): Person {
  const microphoneOn = devices.microphone.source !== null;
  const connection = meeting.connection.view;
  const participant = meeting.self?.participant ?? "";
  return {
    ...drawnAs(participant, meeting.ticket.name),
    isSelf: true,
    isHost: isHost(participant, meeting.self),
    microphoneOn,
    cameraOn: devices.camera.source !== null,
    speaking: microphoneOn && devices.speaking,
    reconnecting: connection.state === "reconnecting" && !connection.mediaFlows,
    away: devices.camera.paused,
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
