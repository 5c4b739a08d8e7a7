// One stay in one meeting, from the first `join` to the end: what the server says, what the core
// says and what the person does come together here. Each part it is made of knows its own subject.

import {
  CAPABILITIES,
  type GroupEvent,
  type GroupWish,
  RIGHTS,
} from "../e2ee/conference_values.ts";
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
import { Inside } from "./inside.ts";
import { Invites } from "./invites.ts";
import { forgetChecks, keptChecks, NOT_KEPT } from "./kept_checks.ts";
import { type DoorKeeper, keptDoors, NO_DOOR_KEPT } from "./kept_doors.ts";
import type { MeetingEvents, Over, Self, StayEvents, Ticket } from "./meeting_events.ts";
import { checkTitle } from "./names.ts";
import { Notices } from "./notices.ts";
import { OwnPresence } from "./own_presence.ts";
import { Patience } from "./patience.ts";
import { type Member, People } from "./people.ts";
import { PushToTalk } from "./push_to_talk.ts";
import { Receivers } from "./receivers.ts";
import { Security } from "./security.ts";
import { Sharing } from "./sharing.ts";
import { Shows } from "./shows.ts";
import type { Wish } from "./slots.ts";
import { Stopping } from "./stopping.ts";
import type { Drawn } from "./view.ts";

const REFUSED_WAIT_MS = 1000; // where the server names no time
const LESS_HEIGHT = 180; // of pictures, with less data
const REFUSED_MS = 2000;
const LAST_WORD_MS = 1000; // of who turns the microphone off, with what SpeakingDetector holds

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
  readonly #inside: Inside;
  readonly #shows: Shows;
  readonly #away: Away;
  readonly #doors: DoorKeeper;
  readonly #socket: Socket;
  readonly #patience = new Patience(() => this.#socket.abandon());
  #startedAt = 0;
  #offSince: number | undefined; // the microphone
  #resume: string | undefined;
  #unsent = 0; // messages to the group for which there was no socket
  #soundOnly = false;
  #typedTitle: string;
  #lessData = false;
  #drawn: readonly Drawn[] = [];
  #ending = false; // for all
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
    this.#typedTitle = ticket.title ?? "";
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
    this.#doors = ticket.host === undefined ? NO_DOOR_KEPT : keptDoors(ticket.meeting);
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
    const { people, door, security, invites, comparing, checks, chat, notices, own, sharing } =
      this;
    this.#inside = new Inside(
      { people, door, security, invites, comparing, checks, chat, notices, own, sharing, devices },
      {
        offAir: () => this.offAir(),
        people: () => {
          this.receivers.refresh();
          this.#shows.changed();
          changed();
        },
        link: (fragment) => this.listener?.link(fragment),
      },
    );
    this.connection = this.#newConnection();
    this.#socket = new Socket(address, () => this.#join, {
      message: (message) => this.#queue(message),
      lost: (retryInMs) => this.#lost(retryInMs),
      replaced: () => this.#end("elsewhere"),
    });
  }

  /** Undefined until the server let us in. */
  get self(): Self | undefined {
    return this.#inside.self;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  /** The fragment that guests get, once one is in. */
  get guestFragment(): string | undefined {
    return this.#inside.guestFragment;
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

  /** Lets somebody share where not all may, or not any more, whatever else they may. */
  letShare({ index: leaf, may = this.security.everyone }: Member, on: boolean): void {
    const now = on ? may | CAPABILITIES.share : may & ~CAPABILITIES.share;
    void this.wish({ wish: "allow", leaf, may: now });
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

  /** That they were lost. */
  settingsSeen(): void {
    this.security.lost = undefined;
    this.#changed();
  }

  /** False: others could not be shown that, or it is not allowed. */
  setTitle(typed: string): Promise<boolean> {
    const checked = checkTitle(typed);
    if ("problem" in checked) return Promise.resolve(false);
    return this.wish({ wish: "title", text: checked.title });
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
    const { participant = "", rights = 0 } = this.self ?? {};
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
    this.#offSince = this.#devices.microphone.on
      ? undefined
      : (this.#offSince ?? performance.now());
    for (const [stream, source] of this.#sources()) this.connection.send(stream, source);
    this.own.say();
    this.#changed();
  }

  /** The own voice started or stopped, or its level changed. */
  ownVoiceHeard(): void {
    const { speaking, microphone } = this.#devices;
    const may = (this.security.own & CAPABILITIES.speak) !== 0; // else pressing M would not help
    const now = performance.now();
    const isNews = now - (this.#offSince ?? Number.NEGATIVE_INFINITY) >= LAST_WORD_MS;
    if (speaking && !microphone.on && may && isNews)
      this.notices.remind("talking_while_muted", now);
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
    this.#goOut("left");
  }

  #goOut(why: "left" | "elsewhere"): void {
    this.#socket.send({ type: "leave" });
    this.#end(why);
  }

  endForAll(): void {
    this.#ending = this.#socket.send({ type: "end" });
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
    this.#patience.end();
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
      ...(this.#resume === undefined || !this.self ? {} : { epoch: this.security.epochNumber }),
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
    this.#patience.end();
    this.entry.connected = false;
    if (this.self) this.connection.socketLost(retryInMs);
    else this.#events.lost(retryInMs);
  }

  #queue(message: FromServer): void {
    this.#patience.heard();
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
      case "opened":
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
        this.connection.want(message.stream, message.layers, message.codec);
        break;
      case "path":
        this.connection.toldPath(message);
        break;
      case "reconnect":
        this.connection.reconnect();
        break;
      case "ended":
        if (this.ticket.host !== undefined) forgetChecks(this.ticket.meeting);
        if (this.#ending) this.#doors.forget(); // not by the server's word alone
        this.#end(this.#ending ? "ended_by_you" : "ended");
        break;
      case "removed":
        this.#socket.close(); // as the server does: it is not to be tried again
        await this.#core.groupEpoch().catch(() => 0); // it has heard what came before by now
        this.#end(this.#inside.outBy);
        break;
      case "replaced":
        this.#end(this.entry.full ? "place_lost" : "link_replaced");
        break;
      case "error":
        this.#failed(message);
        break;
      case "created": // answers `create`, which is never said here
      case "entered": // a hint; the commit says it
        break;
    }
  }

  #waiting(message: Said<"waiting">): void {
    this.#patience.begin();
    this.#resume = message.resume;
    this.entry.participant = message.participant;
    this.entry.connected = true;
    this.#inside.out();
    this.#core.hear(message);
    this.#events.waiting();
  }

  // The core answers with "entered" when the group is ours too; a socket that came back finds it so.
  #joined(message: Said<"joined">): void {
    this.#patience.begin();
    this.#resume = message.resume;
    this.entry.participant = message.participant;
    this.entry.connected = true; // a host may have to type the passcode first
    this.#core.hear(message);
    if (!this.self || message.welcome !== undefined) return;
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
        if (!this.self) this.#events.waiting();
        break;
      case "entered":
        this.#entered(event);
        break;
      case "state":
        this.#doors.stands({ linkVersion: event.epoch, flags: event.number });
        this.#inside.said(event);
        break;
      case "title":
        this.#inside.said(event);
        this.#nameIt(event.text);
        break;
      case "removed":
        this.#end(this.#inside.outBy);
        break;
      case "opened_again":
        this.#inside.said(event);
        if (event.number === 1) this.#goOut("elsewhere");
        break;
      default:
        this.#inside.said(event);
    }
    this.#changed();
  }

  #entered(event: GroupEvent): void {
    const again = this.self !== undefined;
    this.#inside.entered(event);
    if (!again) {
      this.#startedAt = performance.now();
      void this.chat.prepare();
      this.#events.entered();
    }
    for (const [stream, source] of this.#sources()) this.connection.send(stream, source);
    this.connection.joined(again);
    this.own.announce();
  }

  // What the host typed is in the state of a meeting that begins; one that it comes back to is named by it.
  #nameIt(title: string): void {
    const typed = this.#typedTitle;
    this.#typedTitle = "";
    if (typed !== "" && typed !== title) void this.wish({ wish: "title", text: typed });
  }

  #failed(error: Said<"error">): void {
    const { code, retry_after: retryAfterMs = 0 } = error;
    if (error.of !== undefined) {
      const waitMs = error.retry_after ?? REFUSED_WAIT_MS;
      if (code === "full" && !this.self) {
        this.entry.refusedAsFull();
        this.#events.waiting();
        if (error.of === "knock") return; // which was heard
      }
      if (error.of === "message") this.chat.setFailed(this.chat.newestOf(this.self?.participant));
      const notKeeper = error.code === "not_keeper" ? { notKeeper: true } : {};
      if (code === "full" && error.of === "commit" && this.self) {
        this.notices.remind("meeting_full", performance.now());
        this.#changed();
      }
      if (error.of !== "door")
        this.#core.hear({ type: "refused", of: error.of, waitMs, ...notKeeper });
      return;
    }
    if (!this.self) this.#events.refused(error);
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
    this.notices.known("talking_while_muted", performance.now());
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
      inside: () => this.self !== undefined,
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
