// One stay in one meeting, from the first `join` to the end: what the server says, what the core
// says and what the person does come together here. Each part it is made of knows its own subject.

import type { Core, CoreEvent, Epoch } from "../e2ee/core.ts";
import type { Devices } from "../media/devices.ts";
import type { Source } from "../media/peer.ts";
import { Playback } from "../media/playback.ts";
import { liveHeight } from "../media/transceivers.ts";
import type { FromServer, Said, Stream } from "../signal/messages.ts";
import { Socket } from "../signal/socket.ts";
import { isNewer, readAnnouncement, writeAnnouncement } from "./announcement.ts";
import { Away } from "./away.ts";
import { Connection } from "./connection.ts";
import { Notices } from "./notices.ts";
import { People, type PeopleChange } from "./people.ts";
import { PushToTalk } from "./push_to_talk.ts";
import { Receivers } from "./receivers.ts";
import { Sharing } from "./sharing.ts";
import { Shows } from "./shows.ts";
import type { Wish } from "./slots.ts";
import type { Drawn, LeftView } from "./view.ts";

export interface Ticket {
  readonly meeting: string;
  readonly proof: string;
  readonly host?: string; // host proof, in the browser that started the meeting
  readonly name: string;
  readonly resume?: string; // to be the same participant as before
}

/** On the way in. */
export interface MeetingEvents {
  readonly entered: () => void;
  readonly refused: (error: Said<"error">) => void;
  /** The socket was lost; it is tried again. */
  readonly lost: (retryInMs: number) => void;
}

/** While in the meeting. */
export interface StayEvents {
  /** Something that is drawn changed. */
  readonly changed: () => void;
  readonly over: (why: LeftView["why"]) => void;
  /** The core is gone: come in again with a new one, as the same participant. */
  readonly broken: (resume: string) => void;
}

export interface Self {
  readonly participant: string;
  readonly index: number;
  readonly isHost: boolean;
}

interface Presence {
  readonly participant: string;
  readonly index: number;
  readonly sealed: string;
}

const REFUSED_MS = 2000;

export class Meeting {
  readonly ticket: Ticket;
  /** Set by whoever draws the meeting. */
  listener: StayEvents = { changed: () => {}, over: () => {}, broken: () => {} };
  readonly people = new People();
  readonly notices = new Notices();
  readonly playback: Playback;
  readonly sharing: Sharing;
  readonly connection: Connection;
  readonly receivers: Receivers;
  readonly talk: PushToTalk;
  readonly #core: Core;
  readonly #devices: Devices;
  readonly #events: MeetingEvents;
  readonly #shows: Shows;
  readonly #away: Away;
  readonly #socket: Socket;
  #self: Self | undefined;
  #startedAt = 0;
  #resume: string | undefined;
  #epoch: Epoch | undefined;
  #serial = 0;
  #live = ""; // what was last said of the own streams
  #saidAway = false;
  #soundOnly = false;
  #drawn: readonly Drawn[] = [];
  #crowded = false;
  #saidSpeaking = false;
  #over = false;
  #heard: Promise<void> = Promise.resolve(); // messages are handled one after another
  #announced: Promise<void> = Promise.resolve();

  constructor(
    address: string,
    ticket: Ticket,
    core: Core,
    devices: Devices,
    events: MeetingEvents,
  ) {
    this.ticket = ticket;
    this.#resume = ticket.resume;
    this.#core = core;
    this.#devices = devices;
    this.#events = events;
    this.playback = new Playback({ changed: () => this.listener.changed() });
    this.playback.setSpeaker(devices.speaker);
    this.sharing = new Sharing(() => this.ownStreamsChanged());
    this.talk = new PushToTalk(devices.microphone);
    this.#away = new Away(devices.camera, () => this.sharing.preview !== undefined);
    this.receivers = new Receivers(core, this.people, this.playback);
    this.#shows = new Shows({
      slots: () => this.receivers.videoSlots,
      wishes: () => this.#wishes(),
      send: (message) => this.#socket.send(message),
    });
    this.connection = this.#newConnection();
    this.#socket = new Socket(address, () => this.#join(), {
      message: (message) => this.#queue(message),
      lost: (retryInMs) => this.#lost(retryInMs),
      replaced: () => this.#end("elsewhere"),
    });
  }

  /** Undefined until the server let us in. */
  get self(): Self | undefined {
    return this.#self;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  /** What the worker reports. */
  coreSaid(event: CoreEvent): void {
    if (this.#over) return;
    switch (event.type) {
      case "attached":
        this.connection.attached(event.line);
        break;
      case "showing":
        this.receivers.showing(event.line, event.shown);
        this.listener.changed();
        break;
      case "rekey":
        this.connection.rekey();
        break;
      case "failed":
        this.listener.broken(this.#resume ?? "");
        break;
      case "counts":
        if (this.receivers.counted(event.lines, performance.now())) this.listener.changed();
        break;
    }
  }

  /** No picture is sent or shown. */
  get soundOnly(): boolean {
    return this.#soundOnly;
  }

  /** Also turns the camera off and ends the sharing: back to pictures does not mean to be seen. */
  setSoundOnly(on: boolean): void {
    this.#soundOnly = on;
    if (on) this.#stopPictures();
    this.#shows.changed();
    this.ownStreamsChanged();
  }

  offAir(): void {
    this.#devices.microphone.turnOff();
    this.#stopPictures();
  }

  /** The browser shows this page, or another. */
  seen(visible: boolean): void {
    if (!visible) this.talk.hold(false);
    this.#away.look(!visible);
  }

  /** A device or the shared screen went on or off. */
  ownStreamsChanged(): void {
    if (this.#over) return;
    this.#away.look();
    for (const [stream, source] of this.#sources()) this.connection.send(stream, source);
    this.#sayLive();
    this.#saySpeaking();
    this.listener.changed();
  }

  /** The own voice started or stopped, or its level changed. */
  ownVoiceHeard(): void {
    const { speaking, microphone } = this.#devices;
    if (speaking && !microphone.on) this.notices.talkingWhileMuted(performance.now());
    this.#saySpeaking();
    this.listener.changed();
  }

  shown(drawn: readonly Drawn[]): void {
    this.#drawn = drawn;
    this.#shows.changed();
  }

  /** The network is said to be back. */
  online(): void {
    this.#socket.retryNow();
  }

  leave(): void {
    this.#socket.send({ type: "leave" });
    this.#end("left");
  }

  endForAll(): void {
    this.#socket.send({ type: "end" });
  }

  /** Without a word to the server: the meeting goes on elsewhere, or the page is going away. */
  close(): void {
    this.#over = true;
    this.#shows.close();
    this.#away.close();
    this.sharing.stop();
    this.connection.close();
    this.playback.stopAll();
    this.#socket.close();
  }

  #join() {
    const { meeting, proof, host } = this.ticket;
    return {
      type: "join" as const,
      meeting,
      proof,
      ...(host === undefined ? {} : { host }),
      ...(this.#resume === undefined ? {} : { resume: this.#resume }),
    };
  }

  #newConnection(): Connection {
    return new Connection(this.#core, {
      send: (message) => this.#socket.send(message),
      announce: (epoch) => this.#announce(epoch),
      opened: (peer) => this.receivers.opened(peer),
      answered: () => this.#sayAllAgain(),
      changed: () => this.listener.changed(),
      back: () => this.#back(),
      gaveUp: () => this.#end("gave_up"),
    });
  }

  #lost(retryInMs: number): void {
    if (this.#self) this.connection.socketLost(retryInMs);
    else this.#events.lost(retryInMs);
  }

  #queue(message: FromServer): void {
    this.#heard = this.#heard
      .then(() => (this.#over ? undefined : this.#handle(message)))
      .catch(() => this.connection.refused(REFUSED_MS)); // by the browser: start afresh
  }

  async #handle(message: FromServer): Promise<void> {
    switch (message.type) {
      case "joined":
        await this.#joined(message);
        break;
      case "announced":
        this.#note(await this.#listen(message));
        break;
      case "left":
        this.#left(message.participant);
        break;
      case "answer":
        await this.connection.answered(message);
        break;
      case "restarted":
        await this.connection.restarted(message);
        break;
      case "slots":
        this.receivers.assigned(message.slots);
        this.listener.changed();
        break;
      case "voices":
        this.#crowded = message.crowded;
        this.#saySpeaking();
        break;
      case "reconnect":
        this.connection.reconnect();
        break;
      case "ended":
        this.#end("ended");
        break;
      case "error":
        this.#failed(message);
        break;
      case "created":
        break; // answers `create`, which is never said here
    }
  }

  async #joined(message: Said<"joined">): Promise<void> {
    const before = this.#self?.participant;
    const same = before === message.participant;
    const here = new Set(message.people.map(({ participant }) => participant));
    for (const { participant } of this.people.members) {
      if (!here.has(participant)) this.#left(participant);
    }
    const { participant, index, host } = message;
    this.#self = { participant, index, isHost: host };
    this.#resume = message.resume;
    if (before === undefined) {
      this.#startedAt = performance.now();
      this.#events.entered();
    }
    // Our own epoch first: the core takes nobody else at the index that it holds for us, and after
    // the server was started anew that may be another's.
    for (const [stream, source] of this.#sources()) this.connection.send(stream, source);
    this.connection.joined(index, same);
    for (const presence of message.people) {
      const changes = await this.#listen(presence);
      if (before !== undefined) this.#note(changes);
    }
    if (same) {
      void this.#announce();
      this.#sayAllAgain();
    }
    this.listener.changed();
  }

  // What somebody announces is believed only if it was sealed by a holder of the link, for this
  // participant, and names the index the server named.
  async #listen(presence: Presence): Promise<readonly PeopleChange[]> {
    const { participant, index, sealed } = presence;
    if (participant === this.#self?.participant) return [];
    const json = await this.#core.openAnnouncement(participant, sealed);
    const announcement = json === undefined ? undefined : readAnnouncement(json, index);
    const known = this.people.get(participant)?.announcement;
    if (!announcement || !isNewer(announcement, known)) return [];
    const { epoch, nonce } = announcement;
    if (known?.nonce !== nonce || known.epoch !== epoch) {
      if (!(await this.#core.memberInstall(index, { number: epoch, nonce }))) return [];
    }
    return this.people.announced({ participant, index, announcement }) ?? [];
  }

  #left(participant: string): void {
    const member = this.people.get(participant);
    if (member) this.#core.memberRemove(member.index);
    this.#note(this.people.left(participant));
  }

  #note(changes: readonly PeopleChange[]): void {
    for (const change of changes) this.notices.add(change);
    this.receivers.refresh();
    this.#shows.changed();
    this.listener.changed();
  }

  #failed(error: Said<"error">): void {
    const { code, retry_after: retryAfterMs = 0 } = error;
    if (!this.#self) this.#events.refused(error);
    else if (code === "no_entry") this.#end("ended");
    else if (code === "bad_connection" || code === "no_media")
      this.connection.refused(retryAfterMs);
    else if (code === "full" || code === "too_fast") this.#socket.again();
  }

  #end(why: LeftView["why"]): void {
    if (this.#over) return;
    this.close();
    this.listener.over(why);
  }

  #back(): void {
    this.#devices.microphone.turnOff();
    this.notices.add({ what: "back_again" });
  }

  #sources(): [Stream, Source | null][] {
    return [
      ["microphone", this.#devices.microphone.source],
      ["camera", this.#soundOnly ? null : this.#devices.camera.source],
      ["screen", this.#soundOnly ? null : this.sharing.picture],
      ["screen_audio", this.sharing.sound],
    ];
  }

  #stopPictures(): void {
    this.#devices.camera.turnOff();
    this.sharing.stop();
  }

  #liveStreams(): { stream: Stream; height?: number }[] {
    return this.#sources().flatMap(([stream, source]) => {
      if (!source) return [];
      const { height } = source;
      if (height === undefined) return [{ stream }];
      return [{ stream, height: stream === "camera" ? liveHeight(height) : height }];
    });
  }

  // Each announcement is sealed and sent before the next is begun: the serial must rise on the wire.
  #announce(epoch = this.#epoch): Promise<void> {
    this.#epoch = epoch;
    this.#announced = this.#announced
      .then(async () => {
        const self = this.#self;
        if (!epoch || !self || epoch !== this.#epoch) return;
        this.#serial += 1;
        const text = writeAnnouncement({
          index: self.index,
          epoch: epoch.number,
          nonce: epoch.nonce,
          serial: this.#serial,
          name: this.ticket.name,
          streams: this.#liveStreams().map(({ stream }) => stream),
          away: this.#devices.camera.paused,
        });
        const sealed = await this.#core.sealAnnouncement(self.participant, text);
        this.#socket.send({ type: "announce", sealed });
      })
      .catch(() => {}); // the core is gone, and says so itself
    return this.#announced;
  }

  #sayLive(): void {
    const streams = this.#liveStreams();
    const live = JSON.stringify(streams);
    const away = this.#devices.camera.paused;
    const isNew = live !== this.#live;
    if ((!isNew && away === this.#saidAway) || !this.#self) return;
    this.#live = live;
    this.#saidAway = away;
    void this.#announce();
    if (isNew) this.#socket.send({ type: "live", streams });
  }

  #sayAllAgain(): void {
    this.#live = JSON.stringify(this.#liveStreams());
    this.#socket.send({ type: "live", streams: this.#liveStreams() });
    this.#saidSpeaking = false;
    this.#saySpeaking();
    this.#shows.sayAgain();
  }

  #saySpeaking(): void {
    const speaking = this.#crowded && this.#devices.speaking && this.#devices.microphone.on;
    if (speaking === this.#saidSpeaking) return;
    if (this.#crowded) this.#socket.send({ type: "speaking", speaking });
    this.#saidSpeaking = speaking;
  }

  #wishes(): readonly Wish[] {
    const sharer = this.people.sharer?.participant;
    if (this.#soundOnly) return [];
    return this.#drawn.flatMap(({ key, height }) => {
      const share = sharer !== undefined && key === shareKey(sharer);
      const participant = share ? sharer : key;
      const stream = share ? ("screen" as const) : ("camera" as const);
      if (!this.people.has(participant, stream)) return [];
      return [{ participant, stream, height: Math.max(1, Math.round(height)) }];
    });
  }
}

/** The view's name of a shared screen; a tile is named by its participant. */
export function shareKey(participant: string): string {
  return `${participant}/screen`;
}
