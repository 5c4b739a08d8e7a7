// One View for every screen and state that the interface has, with made-up people.

import { partsOf, withOwned } from "../src/state/chat_links.ts";
import { ownedPart } from "../src/state/owned.ts";
import type { PathView } from "../src/state/path.ts";
import type {
  ChatMessage,
  ChatView,
  ComparingView,
  DevicesView,
  DeviceView,
  HomeView,
  Invite,
  InvitesView,
  JoinView,
  LeftView,
  MeetingView,
  NetworkView,
  Notice,
  OpenComparison,
  Person,
  PersonalInviteView,
  SecurityView,
  Tile,
  View,
  Waiting,
  WaitingView,
} from "../src/state/view.ts";
import { portrait, slide } from "./portraits.ts";

type Make = (publish: (view: View) => void) => View;

declare global {
  /** What the interface asked the app to do, for tests to read. */
  var calls: string[];
  /** Somebody writes, in "meeting-chatting". */
  var answer: (text: string) => void;
  /** These happened, in "meeting-busy". */
  var happen: (notices: readonly Notice[]) => void;
}
globalThis.calls = [];

const call = (what: string) => () => {
  globalThis.calls.push(what);
};
const server = "meet.northfield.example";

const invite: Invite = {
  address: `${server}/q7f2mkXa0Lr8sVtYw3bZ1c`,
  secret: "AcnZ0vT9c2mQyB7hKx1WdLr5sE8pJf3uGt6oNqa4iVe4",
  copy: () => {
    call("copy")();
    return Promise.resolve(true);
  },
  forOne: false,
  thisComputerOnly: false,
};

const menu = (...labels: string[]) => ({
  choices: labels.map((label, i) => ({ id: `${i}`, label })),
  chosen: "0",
  choose: (id: string) => call(`choose ${id}`)(),
});

function devices(given: {
  microphone?: Partial<DeviceView>;
  camera?: Partial<DeviceView>;
  preview?: MediaStream;
  known?: boolean;
}): DevicesView {
  const named = given.known ?? false;
  return {
    microphone: {
      ...(named ? menu("Studio mic", "Built-in microphone") : menu()),
      on: false,
      toggle: call("microphone"),
      forgetProblem: call("forget the microphone"),
      ...given.microphone,
    },
    camera: {
      ...(named ? menu("Built-in camera") : menu()),
      on: false,
      toggle: call("camera"),
      forgetProblem: call("forget the camera"),
      ...given.camera,
    },
    speaker: named ? menu("Headphones", "Built-in speakers") : menu(),
    level: 0.6,
    testSound: call("test sound"),
    ...(given.preview ? { preview: given.preview } : {}),
  };
}

const home = (more: Partial<HomeView>): HomeView => ({
  page: "home",
  starting: false,
  useLink: (link) => call(`use ${link}`)(),
  ...more,
});

/** The name can be typed, as in the app. */
function join(more: Partial<JoinView>): Make {
  return (publish) => {
    const made = (name: string): JoinView => ({
      page: "join",
      server,
      name,
      setName: (next) => publish(made(next)),
      devices: devices({}),
      join: call("join"),
      joining: false,
      network: { view: { state: "idle" }, start: call("test the network") },
      ...more,
    });
    return made("Maya Haddad");
  };
}

const NAMES = [
  "Amara Osei",
  "Tomas Berg",
  "Layla Rahman",
  "Ji-woo Han",
  "Ben Ortiz",
  "Priya Nair",
  "Kofi Mensah",
  "Ruth Adler",
  "ليلى رحمن",
  "Wolfeschlegelsteinhausenbergerdorff Hubert",
];

const SELF = "self";

function person(i: number, more: Partial<Person> = {}): Person {
  const round = Math.floor(i / NAMES.length);
  const name = `${NAMES[i % NAMES.length]}${round > 0 ? ` ${round + 1}` : ""}`;
  const words = name.split(" ");
  return {
    id: `person-${i}`,
    name,
    initials: `${words[0]?.[0]}${words[1]?.[0] ?? ""}`.toUpperCase(),
    colour: i % 8,
    isSelf: false,
    isHost: false, // nobody can be told to be one but oneself
    microphoneOn: i % 3 === 0,
    cameraOn: i % 4 !== 1,
    speaking: i === 0,
    reconnecting: false,
    hand: 0,
    asksToShare: false,
    away: false,
    compare: call(`check person-${i}`),
    ...more,
  };
}

/** Nobody compares anything with oneself. */
const alone = ({ compare: _, ...rest }: Person): Person => rest;

const self = (more: Partial<Person> = {}): Person => ({
  ...alone(person(0)),
  id: SELF,
  name: "Maya Haddad",
  initials: "MH",
  isSelf: true,
  isHost: false,
  microphoneOn: false,
  cameraOn: false,
  speaking: false,
  ...more,
});

function tileOf(p: Person, i: number): Tile {
  const tile = { key: `${p.id}/camera`, person: p };
  return p.cameraOn ? { ...tile, picture: portrait(i) } : tile;
}

const SLOWER: NetworkView = {
  state: "done",
  ways: [
    { way: "udp", works: false },
    { way: "tcp", works: true, ms: 96 },
    { way: "relay", works: true, ms: 214 },
  ],
  places: ["UDP 192.0.2.10:40000", "TCP 192.0.2.10:40000", "TLS turn.northfield.example:443"],
};

const PATH: PathView = {
  upBps: 1_240_000,
  downBps: 3_610_000,
  lost: 0.004,
  delayMs: 31,
  way: "udp",
  turnedDown: [],
};

const WEAK: PathView = {
  upBps: 212_000,
  downBps: 604_000,
  lost: 0.031,
  delayMs: 184,
  way: "tcp",
  turnedDown: [
    { what: "smaller", pictures: 2, bps: 640_000 },
    { what: "dark", pictures: 1, bps: 640_000 },
    { what: "own_network" },
  ],
};

function meeting(others: number, more: Partial<MeetingView> = {}, own = self()): MeetingView {
  const people = [...Array.from({ length: others }, (_, i) => person(i)), own];
  return {
    page: "meeting",
    startedAt: performance.now() - 1_450_000,
    title: "Placement review",
    connection: { state: "good" },
    lookAtPath: async () => PATH,
    lessData: { on: false, toggle: call("less data") },
    people,
    tiles: people.map((p, i) => tileOf(p, p.isSelf ? 7 : i)),
    mostTiles: 25,
    devices: devices({ known: true }),
    sharing: { on: false, asked: false, toggle: call("share") },
    soundOnly: { on: false, toggle: call("sound only") },
    holdToTalk: (held) => call(`hold ${held}`)(),
    offAir: call("off air"),
    invite,
    shown: (drawn) =>
      call(`shown ${drawn.map(({ key, height }) => `${key}=${height}`).join(" ")}`)(),
    leave: call("leave"),
    notices: [],
    security: security({ keyHolders: people.length }),
    chat: chat([]),
    hand: { up: false, toggle: call("hand") },
    comparing: comparing({}),
    ...more,
  };
}

const chat = (messages: readonly ChatMessage[], more: Partial<ChatView> = {}): ChatView => ({
  messages,
  cameLater: false,
  guestLinks: false,
  send: (text) => call(`say ${text}`)(),
  ...more,
});

const TEN_PAST_NINE = new Date(2026, 2, 3, 9, 10).getTime();

/** The `i`th person writes, a minute after the one before. */
function message(
  key: number,
  by: Person,
  text: string,
  more: Partial<ChatMessage> = {},
): ChatMessage {
  const { name, initials, colour, isSelf, isHost } = by;
  const parts = isHost
    ? partsOf(text).map((part) => withOwned(part, ownedPart))
    : [{ what: "text" as const, text }];
  const at = TEN_PAST_NINE + 60_000 * key;
  const resembles = new Map<string, string>();
  const about = { name, initials, colour, isSelf, isHost, isChecked: by.check === "checked" };
  return { key: `${key}`, ...about, at, parts, resembles, ...more };
}

const HOST = person(0, { isHost: true });
const MESSAGES: readonly ChatMessage[] = [
  message(1, HOST, "The list of places: https://northfield.example/placements/spring?sort=ward"),
  message(2, HOST, "Please read it before half past."),
  message(3, person(1), "Mine is at https://docs.example/abc\n<b>Is that the one?</b>"),
  message(4, person(8), "شكراً، وصلت القائمة. Ward 7 أيضاً؟"),
  message(
    5,
    HOST,
    "Log in at https://northfie1d.example/login, not https://northfield.example@evil.example/",
    {
      resembles: new Map([["https://northfie1d.example/login", "northfield.example"]]),
    },
  ),
  message(6, self(), "Got it, thank you."),
  message(7, self(), "One more: who is on call on the ninth?", { again: call("again") }),
];

/** Each message that is written appears, and once somebody answers. */
function chatting(publish: (view: View) => void): View {
  const made = (messages: readonly ChatMessage[]): MeetingView =>
    meeting(3, {
      chat: chat(messages, {
        send: (text) => {
          call(`say ${text}`)();
          publish(made([...messages, message(messages.length + 1, self(), text)]));
        },
      }),
    });
  globalThis.answer = (text) => {
    const now = made(MESSAGES.slice(0, 2));
    publish({
      ...made([...now.chat.messages, message(3, person(1), text)]),
      notices: [{ key: "n", what: "written", name: "Tomas Berg", text }],
    });
  };
  return made(MESSAGES.slice(0, 2));
}

const security = (more: Partial<SecurityView>): SecurityView => ({
  keyHolders: 3,
  keysChangedAt: performance.now() - 42_000,
  keysChangedBy: "join",
  postQuantum: true,
  titleShown: false,
  locked: false,
  waitingRoom: true,
  straightIn: false,
  passcode: false,
  replaced: 0,
  allowed: { speak: true, share: false, chat: true, link: false },
  silenced: false,
  elsewhere: [],
  ...more,
});

const comparing = (more: Partial<ComparingView>): ComparingView => ({
  begin: call("compare"),
  matched: false,
  differing: [],
  ...more,
});

const WORDS = "harbour velvet pilot cinnamon orbit meadow ladder summit".split(" ");
const NUMBERS = "0814 1932 1311 0332 1202 1080 0966 1740".split(" ");

/** The dialog is open; what is answered is seen, as in the app. */
function compared(more: Partial<OpenComparison>, seen: Partial<ComparingView> = {}): Make {
  return (publish) => {
    const made = (now: Partial<OpenComparison>): MeetingView => {
      const view = meeting(4);
      const [first, second, third, fourth] = view.people as [Person, Person, Person, Person];
      const open: OpenComparison = {
        words: WORDS,
        numbers: NUMBERS,
        same: [first, second, third],
        missing: [fourth],
        stale: false,
        again: call("again"),
        readAloud: (parts) => call(`read ${parts.join(", ")}`)(),
        startNew: call("start new"),
        report: () => "report",
        close: () => {
          call("close")();
          publish(view);
        },
        say: (answer) => {
          call(`say ${answer}`)();
          const { say: _, ...rest } = now;
          publish(made({ ...rest, own: answer }));
        },
        ...now,
      };
      if (open.own !== undefined) Reflect.deleteProperty(open, "say");
      return { ...view, comparing: comparing({ ...seen, open }) };
    };
    return made(more);
  };
}

const SAFETY = "06173 89445 32927 44798 81266 69249 79056 73393 11219 82174 92765 18153".split(" ");

/** The number of one person is open; what is answered is seen, as in the app. */
function checking(publish: (view: View) => void): View {
  const view = meeting(4);
  const made = (differs: boolean): MeetingView => ({
    ...view,
    comparing: comparing({
      person: {
        person: person(1),
        number: SAFETY,
        differs,
        readAloud: (parts) => call(`read ${parts.join(", ")}`)(),
        say: (answer) => {
          call(`number ${answer}`)();
          publish(answer === "same" ? view : made(true));
        },
        startNew: call("start new"),
        close: () => publish(view),
      },
    }),
  });
  return made(false);
}

/** Somebody who waits; what they are asked and what is decided can be seen, as in the app. */
function waiting(id: string, name: string, more: Partial<Waiting> = {}): Waiting {
  const words = name.split(" ");
  return {
    id,
    name,
    initials: `${words[0]?.[0]}${words[1]?.[0] ?? ""}`.toUpperCase(),
    colour: name.length % 8,
    before: 0,
    mixed: false,
    deciding: false,
    letIn: call(`let in ${id}`),
    refuse: call(`refuse ${id}`),
    ask: (question) => call(`ask ${id} ${question}`)(),
    ...more,
  };
}

const SAM = waiting("sam", "Sam Porter");
const QUEUE: readonly Waiting[] = [
  waiting("amara", "Maya Haddad", { clash: "you", mixed: true }),
  waiting("tomas", "Tomas Berg", { clash: "somebody_here", before: 2 }),
  waiting("sam", "Sam Porter", {
    asked: "Which ward did we meet on?",
    answer: "Ward 7, on the ninth. https://example.org is not a link here",
  }),
  waiting("hubert", "Wolfeschlegelsteinhausenbergerdorff Hubert", { asked: "Who sent you?" }),
  waiting("layla", "ليلى رحمن", { deciding: true }),
];

const invites = (good: readonly PersonalInviteView[]): InvitesView => ({
  good,
  make: (label) => call(`invite ${label}`)(),
});

const personal = (number: number, more: Partial<PersonalInviteView>): PersonalInviteView => ({
  number,
  withdraw: call(`withdraw ${number}`),
  ...more,
});

/** The third shares, the fourth was allowed to. */
function sharingOf(id: string): Partial<Person> {
  const forbidShare = call(`forbid share ${id}`);
  if (id === "person-2") return { endShare: call(`end share ${id}`), forbidShare };
  if (id === "person-3") return { forbidShare };
  return { allowShare: call(`allow share ${id}`) };
}

/** The view of a host, who may do all that can be done. */
function hosting(others: number, more: Partial<MeetingView> = {}): MeetingView {
  const view = meeting(others, {}, self({ isHost: true }));
  const people = view.people.map((p) =>
    p.isSelf
      ? p
      : {
          ...p,
          remove: call(`remove ${p.id}`),
          sendBack: call(`send back ${p.id}`),
          ...(p.microphoneOn ? { mute: call(`mute ${p.id}`) } : {}),
          makeHost: call(`make host ${p.id}`),
          ...sharingOf(p.id),
        },
  );
  return {
    ...view,
    people,
    endForAll: call("end for all"),
    queue: [],
    security: security({
      keyHolders: people.length,
      setTitle: async (text) => {
        call(`title ${text}`)();
        return true;
      },
      showTitle: (on) => call(`show title ${on}`)(),
      lock: (on) => call(`lock ${on}`)(),
      replaceLink: call("replace link"),
      setStraightIn: (on) => call(`straight in ${on}`)(),
      setWaitingRoom: (on) => call(`waiting room ${on}`)(),
      setPasscode: async (text) => {
        call(`passcode ${text}`)();
        return text === null || text.trim() !== "";
      },
      invites: invites([]),
      allow: (what, on) => call(`allow ${what} ${on}`)(),
      stop: (out) => call(["stop", ...out].join(" "))(),
    }),
    ...more,
  };
}

/** A row goes when it is decided, as in the app. */
function deciding(publish: (view: View) => void): View {
  const made = (queue: readonly Waiting[]): MeetingView =>
    hosting(3, {
      queue: queue.map((one) => ({
        ...one,
        letIn: () => {
          one.letIn();
          publish(made(queue.filter(({ id }) => id !== one.id)));
        },
        refuse: () => {
          one.refuse();
          publish(made(queue.filter(({ id }) => id !== one.id)));
        },
      })),
    });
  return made([SAM, waiting("kofi", "Kofi Mensah")]);
}

const atDoor = (more: Partial<WaitingView> = {}): WaitingView => ({
  page: "waiting",
  server,
  name: "Maya Haddad",
  initials: "MH",
  colour: 0,
  own: false,
  waitingSince: performance.now() - 42_000,
  attended: true,
  locked: false,
  full: false,
  connected: true,
  movedBack: false,
  cutOff: false,
  changeName: call("change name"),
  devices: devices({}),
  leave: call("leave"),
  ...more,
});

/** The question is answered, and gone. */
const asked: Make = (publish) =>
  atDoor({
    question: {
      text: "Which ward did we meet on?",
      answer: (text) => {
        call(`answer ${text}`)();
        publish(atDoor());
      },
    },
  });

const withPasscode =
  (asked: "needed" | "wrong" | "hidden", own = false) =>
  () =>
    atDoor({ own, passcode: { asked, enter: (text) => call(`passcode ${text}`)() } });

function withoutPictures(view: MeetingView): MeetingView {
  return { ...view, tiles: view.tiles.map(({ key, person }) => ({ key, person })) };
}

/** The second person does not look at the page; the camera was on. */
function meetingAway(): MeetingView {
  const view = meeting(3);
  const people = view.people.map((p, i) => (i === 1 ? { ...p, away: true, cameraOn: false } : p));
  return { ...view, people, tiles: people.map((p, i) => tileOf(p, i)) };
}

const live = () =>
  devices({ known: true, microphone: { on: true }, camera: { on: true }, preview: portrait(7) });

/** The microphone has not gone on, and goes on the next time; the camera is pressed in vain, and goes on then. */
function troubled(draw: (own: DevicesView) => View): Make {
  return (publish) => {
    const made = (microphone: Partial<DeviceView>, camera: Partial<DeviceView>): View => {
      const mic = () => publish(made({ on: true }, camera));
      const pressed = camera.problem ? { on: true } : ({ problem: "denied" } as const);
      return draw(
        devices({
          microphone: {
            toggle: mic,
            forgetProblem: () => publish(made({}, camera)),
            ...microphone,
          },
          camera: { toggle: () => publish(made(microphone, pressed)), ...camera },
        }),
      );
    };
    return made({ problem: "busy" }, {});
  };
}

const left = (why: LeftView["why"], more: Partial<LeftView> = {}): LeftView => ({
  page: "left",
  why,
  home: call("home"),
  ...more,
});

const firstPerson = person(1);

export const SCREENS: Readonly<Record<string, Make>> = {
  "meeting-settings-lost": () =>
    meeting(2, { settingsLost: { lost: "settings_lost", seen: call("seen") }, queue: [] }),
  "meeting-settings-all-lost": () =>
    meeting(0, { settingsLost: { lost: "settings_all_lost", seen: call("seen") }, queue: [] }),
  "meeting-settings-hidden": () =>
    meeting(0, { settingsLost: { lost: "settings_hidden", seen: call("seen") }, queue: [] }),
  "meeting-settings-unknown": () =>
    meeting(0, { settingsLost: { lost: "settings_unknown", seen: call("seen") }, queue: [] }),
  "meeting-weak-long": () => meeting(4, { connection: { state: "weak", long: true } }),
  "meeting-weak": () =>
    meeting(4, { connection: { state: "weak", long: false }, lookAtPath: async () => WEAK }),
  "join-network": join({ network: { view: SLOWER, start: call("test") } }),
  home: () => home({ start: call("start") }),
  "home-no-start": () => home({}),
  "home-invite": () => home({ invite, enter: call("enter") }),
  "home-invite-local": () =>
    home({ invite: { ...invite, thisComputerOnly: true }, enter: call("enter") }),
  "home-start-used": () => home({ start: call("start"), problem: { what: "start_used" } }),
  join: join({}),
  "join-live": () => join({ devices: live() })(() => {}),
  "join-denied": join({
    devices: devices({ microphone: { problem: "denied" }, camera: { problem: "failed" } }),
  }),
  "join-name": join({ nameProblem: "empty" }),
  "join-problem": join({
    problem: { what: "full", code: "E-FULL-1", retry: call("retry"), retryInMs: 20000 },
  }),
  "meeting-mic-denied": () =>
    meeting(3, { devices: devices({ known: true, microphone: { problem: "denied" } }) }),
  "meeting-no-mic": () => meeting(3, { devices: devices({ microphone: { problem: "none" } }) }),
  "meeting-camera-gone": () =>
    meeting(3, { devices: devices({ known: true, camera: { problem: "gone" } }) }),
  "meeting-troubled": troubled((own) => meeting(3, { devices: own })),
  "waiting-troubled": troubled((own) => atDoor({ devices: own })),
  "join-troubled": (publish) => troubled((own) => join({ devices: own })(() => {}))(publish),
  "meeting-alone": () => meeting(0),
  "meeting-two": () => meeting(1),
  "meeting-two-live": () =>
    meeting(1, { devices: live() }, self({ microphoneOn: true, cameraOn: true })),
  "meeting-three": () =>
    meeting(2, { devices: live() }, self({ microphoneOn: true, cameraOn: true })),
  "meeting-grid": () =>
    meeting(8, { notices: [{ key: "1", what: "joined", name: "Layla Rahman" }] }),
  "meeting-busy": (publish) => {
    globalThis.happen = (notices) => publish(meeting(8, { notices }));
    return meeting(8);
  },
  "meeting-many": () => meeting(33),
  "meeting-share": () =>
    meeting(5, { share: { key: "person-1/screen", person: firstPerson, picture: slide() } }),
  "meeting-own-share": () =>
    meeting(3, {
      sharing: { on: true, asked: false, toggle: call("share") },
      share: { key: "self/screen", person: self(), picture: slide() },
    }),
  "meeting-reconnecting": () =>
    meeting(3, { connection: { state: "reconnecting", mediaFlows: false, long: false } }),
  "meeting-reconnecting-long": () =>
    meeting(
      3,
      { connection: { state: "reconnecting", mediaFlows: false, long: true } },
      self({ reconnecting: true }),
    ),
  "meeting-sound-only": () =>
    withoutPictures(meeting(3, { soundOnly: { on: true, toggle: call("sound only") } })),
  "meeting-away": () => meetingAway(),
  "meeting-offline": () =>
    meeting(3, { connection: { state: "offline", retryInMs: 3000, long: false } }),
  "meeting-live-offline": () =>
    meeting(
      1,
      { devices: live(), connection: { state: "offline", retryInMs: 3000, long: false } },
      self({ microphoneOn: true, cameraOn: true }),
    ),
  "meeting-live-signalling": () =>
    meeting(
      1,
      {
        devices: live(),
        connection: { state: "reconnecting", mediaFlows: true, long: false },
      },
      self({ microphoneOn: true, cameraOn: true }),
    ),
  "meeting-live-weak": () =>
    meeting(
      1,
      {
        devices: live(),
        connection: { state: "weak", long: false },
      },
      self({ microphoneOn: true, cameraOn: true }),
    ),
  "meeting-sound": () => meeting(2, { soundBlocked: call("hear") }),
  "meeting-host": () => meeting(2, { endForAll: call("end for all") }, self({ isHost: true })),
  "join-opens": join({ opens: true, title: { text: "", set: (text) => call(`title ${text}`)() } }),
  "join-link-dead": join({ problem: { what: "link_dead" } }),
  "join-not-the-host": join({ problem: { what: "not_the_host", code: "E-DOOR-3" } }),
  waiting: () => atDoor(),
  "waiting-unattended": () => atDoor({ attended: false }),
  "waiting-locked": () => atDoor({ locked: true }),
  "waiting-full": () => atDoor({ full: true }),
  "waiting-cut": () => atDoor({ cutOff: true, locked: true }),
  "waiting-back": () => atDoor({ movedBack: true }),
  "waiting-lost": () => atDoor({ connected: false }),
  "waiting-asked": asked,
  "waiting-passcode": withPasscode("needed"),
  "waiting-passcode-wrong": withPasscode("wrong"),
  "waiting-passcode-own": withPasscode("needed", true),
  "waiting-passcode-hidden": withPasscode("hidden", true),
  "waiting-live": () => atDoor({ devices: live(), title: "Placement review" }),
  "waiting-long": () => atDoor({ waitingSince: performance.now() - 612_000 }),
  "meeting-knock": () =>
    hosting(4, { queue: [SAM], notices: [{ key: "1", what: "knocking", name: SAM.name }] }),
  "meeting-knocks": () => hosting(4, { queue: QUEUE }),
  "meeting-deciding": deciding,
  "meeting-hosting": () => hosting(4),
  "meeting-locked": () =>
    meeting(3, { security: security({ keyHolders: 4, locked: true, replaced: 2 }) }),
  "meeting-silenced": () =>
    meeting(
      3,
      { devices: live(), security: security({ keyHolders: 4, silenced: true }) },
      self({ microphoneOn: true, cameraOn: true }),
    ),
  "meeting-elsewhere": () =>
    hosting(4, { security: security({ elsewhere: ["Tomas Berg", "ليلى رحمن"] }) }),
  "meeting-chat-flood": () =>
    meeting(9, {
      chat: chat(Array.from({ length: 1000 }, (_, i) => message(i, person(1), "Hello"))),
    }),
  "meeting-chat": () => meeting(9, { chat: chat(MESSAGES, { cameLater: true }) }),
  "meeting-chatting": chatting,
  "meeting-hands": () => {
    const view = meeting(5);
    const people = view.people.map((p, i) => ({ ...p, hand: i === 3 ? 1 : p.isSelf ? 2 : 0 }));
    const tiles = view.tiles.map((tile, i) => ({ ...tile, person: people[i] ?? tile.person }));
    return { ...view, people, tiles, hand: { up: true, toggle: call("hand") } };
  },
  "meeting-ask-share": () => meeting(3, { sharing: { on: false, asked: false, ask: call("ask") } }),
  "meeting-share-asked": () => {
    const view = hosting(3);
    const people = view.people.map((p, i) => ({ ...p, asksToShare: i === 1 }));
    return { ...view, people };
  },
  "meeting-stopped": () => {
    const view = hosting(3);
    const { stop: _, ...now } = view.security;
    const allowed = { speak: false, share: false, chat: false, link: false };
    return { ...view, security: { ...now, locked: true, allowed, undo: call("undo") } };
  },
  "meeting-crowd": () => meeting(60),
  "meeting-door": () => {
    const view = hosting(3);
    const good = [
      personal(1, { label: "Priya Nair", invite }),
      personal(2, { label: "ليلى رحمن", invite }),
      personal(3, {}),
    ];
    const door = { waitingRoom: false, passcode: true, invites: invites(good) };
    return { ...view, security: { ...view.security, ...door } };
  },
  "meeting-expected": () =>
    hosting(3, {
      queue: [
        waiting("priya", "Priya Nair", { invite: "Priya, ward 7" }),
        waiting("dan", "Dan Cole", { invite: "Dan" }),
        waiting("tomas", "Tomas Berg", { invite: "Tom", clash: "somebody_here" }),
        waiting("sam", "Sam Porter", { inviteShared: true }),
      ],
    }),
  "meeting-words-asked": () =>
    meeting(4, { comparing: comparing({ asked: { name: "Amara Osei", later: call("later") } }) }),
  "meeting-words": compared({}),
  "meeting-words-offered": () => meeting(3, { comparing: comparing({ offered: call("not now") }) }),
  "meeting-check": checking,
  "meeting-checked": () => {
    const view = meeting(5, { chat: chat([message(1, person(1, { check: "checked" }), "Hello")]) });
    const checks = ["checked", undefined, "changed", "different"] as const;
    const people = view.people.map((p, i) => {
      const check = p.isSelf ? undefined : checks[i];
      return { ...p, isHost: i === 0, ...(check ? { check } : {}) };
    });
    return { ...view, people, tiles: people.map((p, i) => tileOf(p, i)) };
  },
  "meeting-words-made": () => {
    const view = compared({})(() => {}) as MeetingView;
    const { words: _, numbers: __, say: ___, ...open } = view.comparing.open as OpenComparison;
    return { ...view, comparing: comparing({ open: { ...open, same: [] } }) };
  },
  "meeting-words-stale": () => {
    const view = compared({ stale: true })(() => {}) as MeetingView;
    const { say: _, ...open } = view.comparing.open as OpenComparison;
    return { ...view, comparing: comparing({ open }) };
  },
  "meeting-words-match": compared({ own: "same", missing: [] }, { matched: true }),
  "meeting-words-differ": compared({ own: "different" }),
  "meeting-words-alarm": () =>
    meeting(4, { comparing: comparing({ differing: ["Layla Rahman"] }) }),
  "left-removed": () => left("removed"),
  "left-refused": () => left("refused", { rejoin: call("rejoin") }),
  "left-link-replaced": () => left("link_replaced"),
  "left-place-lost": () => left("place_lost"),
  left: () => left("left", { rejoin: call("rejoin") }),
  "left-ended": () => left("ended"),
  "left-ended-by-you": () => left("ended_by_you"),
  "left-gave-up": () => left("gave_up", { rejoin: call("rejoin") }),
};
