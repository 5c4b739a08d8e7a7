// The meeting and what opens in it, looked at wide and narrow.
import { after, before, test } from "node:test";
import { chosen, closeEyes, DESK, LOW, look, openEyes, PHONE, SIZES, TABLET } from "./lib/look.mjs";

const MEETINGS = [
  "meeting-alone",
  "meeting-two",
  "meeting-two-live",
  "meeting-three",
  "meeting-grid",
  "meeting-many",
  "meeting-share",
  "meeting-own-share",
  "meeting-reconnecting",
  "meeting-reconnecting-long",
  "meeting-sound-only",
  "meeting-away",
  "meeting-offline",
  "meeting-sound",
  "meeting-mic-denied",
  "meeting-no-mic",
  "meeting-camera-gone",
  "meeting-knock",
  "meeting-knocks",
  "meeting-silenced",
  "meeting-elsewhere",
];
// What a press opens: the screen, the buttons to press one after the other, where.
const OPENED = [
  { name: "people", screen: "meeting-grid", press: ["People"], sizes: [TABLET, DESK] },
  { name: "people-phone", screen: "meeting-grid", press: ["More", "People"], sizes: [PHONE] },
  { name: "more", screen: "meeting-grid", press: ["More"], sizes: [PHONE] },
  { name: "more-host", screen: "meeting-hosting", press: ["More"], sizes: [PHONE] },
  { name: "queue", screen: "meeting-knocks", press: ["Look"], sizes: SIZES },
  { name: "queue-empty", screen: "meeting-hosting", keys: ["w"], sizes: [PHONE, DESK] },
  { name: "let-in", screen: "meeting-knock", press: ["Look", "Let in…"], sizes: SIZES },
  { name: "ask", screen: "meeting-knock", press: ["Look", "Ask a question"], sizes: [PHONE, DESK] },
  { name: "host-people", screen: "meeting-knocks", press: ["People", "More for Tomas Berg"], sizes: [DESK] },
  { name: "remove", screen: "meeting-hosting", press: ["5 people", "More for Tomas Berg", "Remove"], sizes: [PHONE, DESK] },
  { name: "security", screen: "meeting-hosting", press: ["End-to-end"], sizes: SIZES },
  { name: "security-guest", screen: "meeting-locked", press: ["End-to-end"], sizes: SIZES },
  { name: "security-silenced", screen: "meeting-silenced", press: ["End-to-end"], sizes: [PHONE, DESK] },
  { name: "security-elsewhere", screen: "meeting-elsewhere", press: ["End-to-end"], sizes: [PHONE, DESK] },
  { name: "title", screen: "meeting-hosting", press: ["End-to-end", "Change the title"], sizes: [PHONE, DESK] },
  { name: "replace", screen: "meeting-hosting", press: ["End-to-end", "Replace"], sizes: [PHONE, DESK] },
  { name: "door", screen: "meeting-door", press: ["End-to-end", "Change"], sizes: [PHONE, DESK] },
  { name: "expected", screen: "meeting-expected", keys: ["w"], sizes: [PHONE, DESK] },
  { name: "words", screen: "meeting-words", sizes: [PHONE, DESK] },
  { name: "settings-lost", screen: "meeting-settings-lost", sizes: [PHONE, DESK] },
  { name: "settings-all-lost", screen: "meeting-settings-all-lost", sizes: [PHONE, DESK] },
  { name: "weak-long", screen: "meeting-weak-long", sizes: [PHONE, DESK] },
  { name: "words-offered", screen: "meeting-words-offered", sizes: [PHONE] },
  { name: "check", screen: "meeting-check", sizes: [PHONE, DESK] },
  { name: "check-differs", screen: "meeting-check", press: ["They’re different"], sizes: [PHONE] },
  { name: "checked", screen: "meeting-checked", keys: ["p"], sizes: [PHONE, DESK] },
  { name: "words-differ", screen: "meeting-words-differ", sizes: [PHONE] },
  { name: "words-asked", screen: "meeting-words-asked", sizes: [PHONE, DESK] },
  { name: "words-alarm", screen: "meeting-words-alarm", press: ["End-to-end"], sizes: [DESK] },
  { name: "where", screen: "meeting-two-live", press: ["End-to-end", "Where data goes"], sizes: [PHONE, DESK] },
  { name: "stopped", screen: "meeting-stopped", press: ["End-to-end"], sizes: [PHONE, DESK] },
  { name: "share-asked", screen: "meeting-share-asked", sizes: [PHONE] },
  { name: "hands", screen: "meeting-hands", keys: ["p"], sizes: [DESK] },
  { name: "connection", screen: "meeting-two-live", press: ["Your connection: Good"], until: "3.6 Mb/s", sizes: [DESK] },
  { name: "connection-weak", screen: "meeting-weak", press: ["Your connection: Weak"], until: "640 kb/s", sizes: SIZES },
  { name: "chat", screen: "meeting-chat", press: ["Chat"], sizes: [TABLET, DESK] },
  { name: "chat-phone", screen: "meeting-chat", press: ["More", "Chat"], sizes: [PHONE] },
  { name: "link", screen: "meeting-chat", press: ["Chat", "northfie1d.example"], sizes: [DESK] },
  { name: "more-waiting", screen: "meeting-knocks", press: ["More"], sizes: [PHONE] },
  { name: "devices", screen: "meeting-two-live", press: ["Devices"], sizes: [TABLET, DESK] },
  { name: "devices-phone", screen: "meeting-two-live", press: ["More", "Devices"], sizes: [PHONE] },
  { name: "keys", screen: "meeting-two", press: ["Devices", "Show all keys"], sizes: [DESK] },
  { name: "leave", screen: "meeting-host", press: ["Leave"], sizes: SIZES },
  { name: "pinned", screen: "meeting-grid", press: ["Layla Rahman"], sizes: SIZES },
];

const ZOOMED = ["meeting-grid", "meeting-two-live", "meeting-knock", "meeting-silenced"];
const low = (screen) => (ZOOMED.includes(screen) ? LOW : []);

before(() => openEyes("gallery-meeting"));
after(closeEyes);

for (const screen of chosen(MEETINGS)) {
  const zoomed = low(screen).length > 0 ? ", at 400 % zoom and on a phone on its side" : "";
  test(`${screen} is accessible and fits from 320 to 1,440 px${zoomed}`, async () => {
    await look(screen, screen, { sizes: [...SIZES, ...low(screen)] });
  });
}

for (const screen of chosen(["meeting-grid", "meeting-share", "meeting-knock", "meeting-elsewhere"])) {
  test(`${screen} is accessible and fits from right to left`, async () => {
    await look(screen, `${screen}-rtl`, { sizes: [PHONE, DESK], dir: "rtl" });
  });
}

for (const { name, screen, press, keys, until, sizes } of OPENED.filter((o) => chosen([o.name]).length > 0)) {
  test(`${name}, opened by a press, is accessible and fits`, async () => {
    await look(screen, `open-${name}`, { sizes, press, keys, until });
  });
}

for (const screen of chosen(["meeting-two-live"])) {
  test(`${screen} keeps its edges in forced colours`, async () => {
    await look(screen, `${screen}-forced`, { sizes: [DESK], forcedColors: "active" });
  });
}
