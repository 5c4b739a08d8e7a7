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
];
// What a press opens: the screen, the buttons to press one after the other, where.
const OPENED = [
  { name: "people", screen: "meeting-grid", press: ["People"], sizes: [TABLET, DESK] },
  { name: "people-phone", screen: "meeting-grid", press: ["More", "People"], sizes: [PHONE] },
  { name: "more", screen: "meeting-grid", press: ["More"], sizes: [PHONE] },
  { name: "truth", screen: "meeting-grid", press: ["End-to-end"], sizes: SIZES },
  { name: "devices", screen: "meeting-two-live", press: ["Devices"], sizes: [TABLET, DESK] },
  { name: "devices-phone", screen: "meeting-two-live", press: ["More", "Devices"], sizes: [PHONE] },
  { name: "keys", screen: "meeting-two", press: ["Devices", "Show all keys"], sizes: [DESK] },
  { name: "leave", screen: "meeting-host", press: ["Leave"], sizes: SIZES },
  { name: "pinned", screen: "meeting-grid", press: ["Layla Rahman"], sizes: SIZES },
];

before(() => openEyes("gallery-meeting"));
after(closeEyes);

for (const screen of chosen(MEETINGS)) {
  test(`${screen} is accessible and fits from 320 to 1,440 px`, async () => {
    for (const size of SIZES) await look(screen, `${screen}-${size.width}`, { size });
  });
}

for (const screen of chosen(["meeting-grid", "meeting-share"])) {
  test(`${screen} is accessible and fits from right to left`, async () => {
    for (const size of [PHONE, DESK])
      await look(screen, `${screen}-rtl-${size.width}`, { size, dir: "rtl" });
  });
}

for (const { name, screen, press, sizes } of OPENED.filter((o) => chosen([o.name]).length > 0)) {
  test(`${name}, opened by a press, is accessible and fits`, async () => {
    for (const size of sizes) await look(screen, `open-${name}-${size.width}`, { size, press });
  });
}

for (const screen of chosen(["meeting-grid", "meeting-two-live"])) {
  test(`${screen} fits at 400 % zoom and on a phone on its side`, async () => {
    for (const size of LOW) await look(screen, `${screen}-${size.width}x${size.height}`, { size });
  });
}

for (const screen of chosen(["meeting-two-live"])) {
  test(`${screen} keeps its edges in forced colours`, async () => {
    await look(screen, `${screen}-forced`, { size: DESK, forcedColors: "active" });
  });
}
