// One View for every screen and state that the interface has, with made-up people.
import type {
  DevicesView,
  DeviceView,
  HomeView,
  Invite,
  JoinView,
  LeftView,
  MeetingView,
  Person,
  Tile,
  View,
} from "../src/state/view.ts";
import { portrait, slide } from "./portraits.ts";

type Make = (publish: (view: View) => void) => View;

declare global {
  /** What the interface asked the app to do, for tests to read. */
  var calls: string[];
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
      ...given.microphone,
    },
    camera: {
      ...(named ? menu("Built-in camera") : menu()),
      on: false,
      toggle: call("camera"),
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
    away: false,
    ...more,
  };
}

const self = (more: Partial<Person> = {}): Person => ({
  ...person(0),
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

function meeting(others: number, more: Partial<MeetingView> = {}, own = self()): MeetingView {
  const people = [...Array.from({ length: others }, (_, i) => person(i)), own];
  return {
    page: "meeting",
    startedAt: performance.now() - 1_450_000,
    connection: { state: "good" },
    people,
    tiles: people.map((p, i) => tileOf(p, p.isSelf ? 7 : i)),
    mostTiles: 25,
    devices: devices({ known: true }),
    sharing: { on: false, toggle: call("share") },
    soundOnly: { on: false, toggle: call("sound only") },
    holdToTalk: (held) => call(`hold ${held}`)(),
    offAir: call("off air"),
    invite,
    shown: (drawn) =>
      call(`shown ${drawn.map(({ key, height }) => `${key}=${height}`).join(" ")}`)(),
    leave: call("leave"),
    notices: [],
    ...more,
  };
}

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

const left = (why: LeftView["why"], more: Partial<LeftView> = {}): LeftView => ({
  page: "left",
  why,
  home: call("home"),
  ...more,
});

const firstPerson = person(1);

export const SCREENS: Readonly<Record<string, Make>> = {
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
  "meeting-alone": () => meeting(0),
  "meeting-two": () => meeting(1),
  "meeting-two-live": () =>
    meeting(1, { devices: live() }, self({ microphoneOn: true, cameraOn: true })),
  "meeting-three": () =>
    meeting(2, { devices: live() }, self({ microphoneOn: true, cameraOn: true })),
  "meeting-grid": () =>
    meeting(8, { notices: [{ key: "1", what: "joined", name: "Layla Rahman" }] }),
  "meeting-many": () => meeting(33),
  "meeting-share": () =>
    meeting(5, { share: { key: "person-1/screen", person: firstPerson, picture: slide() } }),
  "meeting-own-share": () =>
    meeting(3, {
      sharing: { on: true, toggle: call("share") },
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
  "meeting-sound": () => meeting(2, { soundBlocked: call("hear") }),
  "meeting-host": () => meeting(2, { endForAll: call("end for all") }, self({ isHost: true })),
  left: () => left("left", { rejoin: call("rejoin") }),
  "left-ended": () => left("ended"),
  "left-gave-up": () => left("gave_up", { rejoin: call("rejoin") }),
};
