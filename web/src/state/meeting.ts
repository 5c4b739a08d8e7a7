// One stay in one meeting, from the first `join` to the end: what the server says, what the core
// says and what the person does come together here. Each part it is made of knows its own subject.

import {
  CAPABILITIES,
  type GroupEvent,
  type GroupWish,
  presenceOf,
  RIGHTS,
} from "../e2ee/conference.ts";
import type { Core, CoreEvent } from "../e2ee/core.ts";
import type { Devices } from "../media/devices.ts";
import type { Source } from "../media/peer.ts";
import { Playback } from "../media/playback.ts";
import { Speech } from "../media/speech.ts";
import type { FromServer, Said, Stream } from "../signal/messages.ts";
import { Socket } from "../signal/socket.ts";
import { Away } from "./away.ts";
import { Chat } from "./chat.ts";
import { Checks } from "./checks.ts";
import { Comparing } from "./comparison.ts";
import { Connection } from "./connection.ts";
import { Door } from "./door.ts";
import { Entry } from "./entry.ts";
import { Invites } from "./invites.ts";
import { forgetChecks, keptChecks, NOT_KEPT } from "./kept_checks.ts";
import { Notices } from "./notices.ts";
import { OwnPresence } from "./own_presence.ts";
import { People, type PeopleChange } from "./people.ts";
import { PushToTalk } from "./push_to_talk.ts";
import { Receivers } from "./receivers.ts";
import { Security } from "./security.ts";
import { Sharing } from "./sharing.ts";
import { Shows } from "./shows.ts";
import type { Wish } from "./slots.ts";
import { Stopping } from "./stopping.ts";
import type { Drawn, LeftView } from "./view.ts";

export interface Ticket {
  readonly meeting: string;
  readonly proof: string;
  readonly host?: string; // host proof, of the host's own link
  readonly name: string;
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

const REFUSED_WAIT_MS = 1000; // where the server names no time
const LESS_HEIGHT = 180; // of pictures, with less data
const REFUSED_MS = 2000;

export class Meeting {
  readonly ticket: Ticket;
  /** Set by whoever draws the meeting. */
  listener: StayEvents | undefined;
  readonly entry = new Entry();
  readonly door = new Door();
  readonly security = new Security();
  readonly invites = new Invites();
  readonly comparing: Comparing;
  readonly checks: Checks;
  readonly speech: Speech;
  readonly own: OwnPresence;
  readonly stopping: Stopping;
  readonly people = new People();
  readonly chat: Chat;
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
  #entering = false; // the people that are told now were here before
  #fragment: string | undefined; // of guests
  #startedAt = 0;
  #resume: string | undefined;
  #unsent = 0; // messages to the group for which there was no socket
  #sentBack = false; // by a host, to the waiting room
  #soundOnly = false;
  #lessData = false;
  #drawn: readonly Drawn[] = [];
  #over = false;
  #heard: Promise<void> = Promise.resolve(); // messages are handled one after another

  constructor(
    address: string,
    ticket: Ticket,
    core: Core,
    devices: Devices,
    events: MeetingEvents,
  ) {
    this.ticket = ticket;
    this.chat = new Chat(new URL(address).host, {
      owner: async () => (await import("./owned.ts")).ownedPart,
      changed: () => this.#changed(),
    });
    this.#resume = ticket.resume;
    this.#core = core;
    this.#devices = devices;
    this.#events = events;
    const changed = () => this.#changed();
    this.comparing = new Comparing({
      words: () => core.words(),
      say: (said) => void this.wish({ wish: "compare", said }),
      epoch: () => this.security.epochNumber,
      others: () => this.people.members.length,
      changed,
    });
    this.checks = new Checks({
      safety: (participant) => core.safety(participant).catch(() => undefined),
      keeper: ticket.host === undefined ? NOT_KEPT : keptChecks(ticket.meeting, ticket.host),
      keyChanged: (name) => this.notices.add({ what: "key_changed", name }),
      changed,
    });
    this.speech = new Speech("en", changed); // the words are English
    this.stopping = new Stopping({
      security: this.security,
      wish: (wish) => void this.wish(wish),
      changed,
    });
    this.own = this.#newPresence();
    this.playback = new Playback({ changed: () => this.#changed() });
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
    this.#socket = new Socket(address, () => this.#join, {
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

  /** The fragment that guests get, once one is in. */
  get guestFragment(): string | undefined {
    return this.#fragment;
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
        this.#changed();
        break;
      case "say":
        if (!this.#socket.send(event.message) && event.message.type === "message")
          this.#unsent += 1;
        break;
      case "group":
        this.#groupSaid(event.event);
        break;
      case "rekey":
        void this.wish({ wish: "rekey" });
        break;
      case "failed":
        this.listener?.broken();
        break;
      case "counts":
        if (this.receivers.counted(event.lines, performance.now())) this.#changed();
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

  /** Only small pictures of people are shown and sent; shared screens stay readable. */
  get lessData(): boolean {
    return this.#lessData;
  }

  setLessData(on: boolean): void {
    this.#lessData = on;
    this.connection.sendLess(on);
    this.#shows.changed();
    this.#changed();
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

  /** What the person wants of the group. False: not allowed. */
  wish(wish: GroupWish): Promise<boolean> {
    return this.#core.wish(wish).catch(() => false);
  }

  letIn(participant: string): void {
    this.door.deciding(participant);
    void this.wish({ wish: "admit", participant });
    this.#changed();
  }

  ask(participant: string, text: string): void {
    this.door.asked(participant, text);
    void this.wish({ wish: "ask", participant, text });
    this.#changed();
  }

  /** False: blank, or not allowed. Null: none any more. */
  setPasscode(text: string | null): Promise<boolean> {
    return this.#core.setPasscode(text).catch(() => false);
  }

  /** `label`: whom it is for; stays here. */
  async makeInvite(label: string): Promise<void> {
    this.invites.asked(label);
    if (!(await this.wish({ wish: "invite" }))) this.invites.notMade(label);
  }

  /** What one sees when comparing. Different: whoever listens in between hears no more of us. */
  sayWords(answer: "same" | "different"): void {
    if (answer === "different") this.offAir();
    this.comparing.say(answer);
  }

  /** The same for the number of one person. */
  sayNumber(answer: "same" | "different"): void {
    if (answer === "different") this.offAir();
    this.checks.say(answer);
  }

  /** Writes to all. What could not be sent stays, and can be said again. */
  async say(text: string): Promise<void> {
    const { participant = "", rights = 0 } = this.#self ?? {};
    const sender = { participant, name: this.ticket.name, isHost: (rights & RIGHTS.admit) !== 0 };
    const key = this.chat.add(sender, text, Date.now());
    const unsent = this.#unsent;
    this.#changed();
    const taken = await this.wish({ wish: "chat", text });
    if (!taken || this.#unsent !== unsent) this.chat.setFailed(key);
    this.#changed();
  }

  sayAgain(key: string): void {
    const text = this.chat.takeBack(key);
    if (text !== undefined) void this.say(text);
  }

  /** The answer to a question of those inside. */
  answer(text: string): void {
    this.entry.answered();
    void this.wish({ wish: "answer", text });
    this.#events.waiting();
  }

  enterPasscode(text: string): void {
    this.entry.passcodeEntered();
    void this.#core.passcode(text).catch(() => false);
    this.#events.waiting();
  }

  /** A device or the shared screen went on or off. */
  ownStreamsChanged(): void {
    if (this.#over) return;
    this.#away.look();
    for (const [stream, source] of this.#sources()) this.connection.send(stream, source);
    this.own.say();
    this.#changed();
  }

  /** The own voice started or stopped, or its level changed. */
  ownVoiceHeard(): void {
    const { speaking, microphone } = this.#devices;
    if (speaking && !microphone.on) this.notices.talkingWhileMuted(performance.now());
    this.own.saySpeaking();
    this.#changed();
  }

  shown(drawn: readonly Drawn[]): void {
    this.#drawn = drawn;
    this.#shows.changed();
  }

  /** The network is said to be back, or to be another. */
  online(): void {
    this.#socket.retryNow();
    this.connection.networkChanged();
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
    this.chat.clear();
    this.comparing.end();
    this.speech.close();
    this.stopping.close();
    this.#socket.close();
  }

  get #join() {
    const { meeting, proof, host } = this.ticket;
    return {
      type: "join" as const,
      meeting,
      proof,
      ...(host === undefined ? {} : { host }),
      ...(this.#resume === undefined ? {} : { resume: this.#resume }),
      ...(this.#resume === undefined || !this.#self ? {} : { epoch: this.security.epochNumber }),
    };
  }

  #changed(): void {
    this.listener?.changed();
  }

  #newConnection(): Connection {
    return new Connection(this.#core, {
      send: (message) => this.#socket.send(message),
      opened: (peer) => this.receivers.opened(peer),
      answered: () => {
        this.own.sayAgain();
        this.#shows.sayAgain();
      },
      changed: () => this.#changed(),
      back: () => this.#back(),
      unanswered: () => this.#socket.abandon(),
      slower: () => {
        this.notices.add({ what: "slower_way" });
        this.#changed();
      },
      gaveUp: () => this.#end("gave_up"),
    });
  }

  #lost(retryInMs: number): void {
    this.entry.connected = false;
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
      case "waiting":
        this.#waiting(message);
        break;
      case "relays":
        this.connection.offered(message);
        break;
      case "joined":
        this.#joined(message);
        break;
      case "carded":
      case "attended":
      case "replied":
      case "committed":
      case "conflict":
      case "rejected":
      case "message":
      case "knocked":
      case "unknocked":
      case "left":
        this.#core.hear(message);
        break;
      case "answer":
        await this.connection.answered(message);
        break;
      case "restarted":
        await this.connection.restarted(message);
        break;
      case "slots":
        this.receivers.assigned(message.slots);
        this.#changed();
        break;
      case "voices":
        this.own.crowd(message.crowded);
        break;
      case "wanted":
        this.connection.want(message.stream, message.layers);
        break;
      case "path":
        this.connection.toldPath(message);
        break;
      case "reconnect":
        this.connection.reconnect();
        break;
      case "ended":
        if (this.ticket.host !== undefined) forgetChecks(this.ticket.meeting);
        this.#end("ended");
        break;
      case "removed":
        await this.#core.groupEpoch().catch(() => 0); // it has heard what came before by now
        this.#end(this.#sentBack ? "sent_back" : "removed");
        break;
      case "replaced":
        this.#end("link_replaced");
        break;
      case "error":
        this.#failed(message);
        break;
      case "created": // answers `create`, which is never said here
      case "opened": // only who may come in by an own commit is concerned
      case "entered": // a hint; the commit says it
        break;
    }
  }

  #waiting(message: Said<"waiting">): void {
    this.#resume = message.resume;
    this.entry.participant = message.participant;
    this.entry.connected = true;
    this.#self = undefined;
    this.#core.hear(message);
    this.#events.waiting();
  }

  // The core answers with "entered" when the group is ours too; a socket that came back finds it so.
  #joined(message: Said<"joined">): void {
    this.#resume = message.resume;
    this.entry.participant = message.participant;
    this.#core.hear(message);
    if (!this.#self || message.welcome !== undefined) return;
    this.connection.joined(true);
    this.own.sayAgain();
    this.#shows.sayAgain();
    this.#changed();
  }

  #groupSaid(event: GroupEvent): void {
    switch (event.what) {
      case "card_bad":
        this.#events.notTheHost(event.number);
        break;
      case "refused":
        this.#end("refused");
        break;
      case "card":
      case "attended":
      case "question":
      case "passcode":
        this.entry.heard(event);
        if (!this.#self) this.#events.waiting();
        break;
      case "entered":
        this.#entered(event);
        break;
      case "removed":
        this.#end(this.#sentBack ? "sent_back" : "removed");
        break;
      default:
        this.#insideSaid(event);
    }
    this.#changed();
  }

  #insideSaid(event: GroupEvent): void {
    switch (event.what) {
      case "person":
        this.#person(event);
        break;
      case "person_left":
        this.security.left(event);
        this.comparing.left(event.participant);
        this.checks.left(event.participant);
        this.#note(this.people.left(event));
        break;
      case "presence":
        this.#note(this.people.announced(event));
        break;
      case "chat":
        this.#written(event);
        break;
      case "knock":
        if (this.door.knocked(event)) this.notices.add({ what: "knocking", name: event.text });
        break;
      case "knock_answer":
        this.door.answered(event);
        break;
      case "knock_gone":
        this.door.gone(event);
        break;
      case "state":
        for (const what of this.security.state(event)) this.notices.add({ what });
        break;
      case "allowed":
        for (const what of this.security.allowed(event)) this.notices.add({ what });
        this.chat.allowLinks((this.security.everyone & CAPABILITIES.link) !== 0);
        this.#obey();
        break;
      case "muted":
        this.#muted(event);
        break;
      case "sent_back":
        this.#sentBack = true;
        this.offAir();
        break;
      case "invite":
        this.invites.heard(event);
        break;
      case "compare":
        this.#compared(event);
        break;
      case "link":
        for (const what of this.security.linkIs(event.text)) this.notices.add({ what });
        this.#fragment = event.text;
        this.listener?.link(event.text);
        break;
      case "elsewhere":
        this.security.vouched(event);
        break;
      case "wrong_commit":
        this.notices.add({ what: "wrong_commit" });
        break;
      case "silenced":
        this.security.silenced = event.number === 1;
        break;
      case "epoch":
        this.#epoch(event);
        break;
    }
  }

  #entered(event: GroupEvent): void {
    const again = this.#self !== undefined;
    this.#entering = true;
    this.people.clear();
    this.door.clear();
    this.invites.clear();
    this.comparing.clear();
    this.checks.clear();
    this.#self = { participant: event.participant, leaf: event.leaf, rights: 0 };
    if (!again) {
      this.#startedAt = performance.now();
      void this.chat.prepare();
      this.#events.entered();
    }
    for (const [stream, source] of this.#sources()) this.connection.send(stream, source);
    this.connection.joined(again);
    this.own.announce();
  }

  // Who is here already when one enters has not joined just now.
  #person(event: GroupEvent): void {
    if (event.leaf === this.#self?.leaf) {
      this.#self = { ...this.#self, rights: event.number };
      return;
    }
    const changes = this.people.came(event);
    void this.checks.met(event.participant, event.text);
    this.#note(this.#entering ? [] : changes);
  }

  #epoch(event: GroupEvent): void {
    if (this.#entering && this.people.members.length > 0) this.chat.cameLater = true;
    this.#entering = false;
    this.security.epoch(event, performance.now());
    this.comparing.offerLater();
    this.door.undecided();
    this.receivers.refresh();
  }

  // The others do not show it any more; so it is not sent either.
  #obey(): void {
    const { own } = this.security;
    if (!(own & CAPABILITIES.speak)) this.#devices.microphone.turnOff();
    if (!(own & CAPABILITIES.video)) this.#devices.camera.turnOff();
    if (!(own & CAPABILITIES.share)) this.sharing.stop();
    if (own & CAPABILITIES.share && this.own.asksToShare) this.own.askToShare(false);
  }

  // Asked for by a host, and signed. There is no word that turns anything on.
  #muted({ participant, number }: GroupEvent): void {
    const { streams } = presenceOf(number);
    if (streams.includes("microphone")) this.#devices.microphone.turnOff();
    if (streams.includes("camera")) this.#devices.camera.turnOff();
    if (streams.includes("screen") || streams.includes("screen_audio")) this.sharing.stop();
    const name = this.people.get(participant)?.name;
    if (name !== undefined) this.notices.add({ what: "muted_by_host", name });
  }

  #compared(event: GroupEvent): void {
    const member = this.people.get(event.participant);
    if (!member) return;
    if (this.comparing.heard(event)) this.notices.add({ what: "words_differ", name: member.name });
  }

  #written({ participant, text }: GroupEvent): void {
    const member = this.people.get(participant);
    if (!member) return;
    this.chat.add(member, text, Date.now());
    this.notices.add({ what: "written", name: member.name, text });
  }

  #note(changes: readonly PeopleChange[]): void {
    for (const change of changes) this.notices.add(change);
    this.receivers.refresh();
    this.#shows.changed();
    this.#changed();
  }

  #failed(error: Said<"error">): void {
    const { code, retry_after: retryAfterMs = 0 } = error;
    if (error.of !== undefined) {
      const waitMs = error.retry_after ?? REFUSED_WAIT_MS;
      if (error.of === "message") this.chat.setFailed(this.chat.newestOf(this.#self?.participant));
      const notKeeper = error.code === "not_keeper" ? { notKeeper: true } : {};
      if (error.of !== "door")
        this.#core.hear({ type: "refused", of: error.of, waitMs, ...notKeeper });
      return;
    }
    if (!this.#self) this.#events.refused(error);
    else if (code === "no_entry") this.#end("ended");
    else if (code === "bad_connection" || code === "no_media")
      this.connection.refused(retryAfterMs);
    else if (code === "full" || code === "too_fast") this.#socket.again();
  }

  #end(why: Over): void {
    if (this.#over) return;
    this.close();
    if (this.listener) this.listener.over(why);
    else this.#events.over(why);
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

  #newPresence(): OwnPresence {
    const { camera, microphone } = this.#devices;
    return new OwnPresence({
      sources: () => this.#sources(),
      away: () => camera.paused,
      speaking: () => this.#devices.speaking && microphone.on,
      inside: () => this.#self !== undefined,
      send: (message) => this.#socket.send(message),
      wish: (wish) => void this.wish(wish),
      changed: () => this.#changed(),
    });
  }

  #wishes(): readonly Wish[] {
    const sharer = this.people.sharer?.participant;
    if (this.#soundOnly) return [];
    return this.#drawn.flatMap(({ key, height }) => {
      const share = sharer !== undefined && key === shareKey(sharer);
      const participant = share ? sharer : key;
      const stream = share ? ("screen" as const) : ("camera" as const);
      if (!this.people.has(participant, stream)) return [];
      const most = this.#lessData && !share ? LESS_HEIGHT : height;
      return [{ participant, stream, height: Math.max(1, Math.round(Math.min(height, most))) }];
    });
  }
}

/** The view's name of a shared screen; a tile is named by its participant. */
export function shareKey(participant: string): string {
  return `${participant}/screen`;
}
