// The pages before and after a meeting, looked at in light and dark, wide and narrow.
import { after, before, test } from "node:test";
import { chosen, closeEyes, DESK, LOW, look, openEyes, PHONE, SIZES } from "./lib/look.mjs";

const PAGES = [
  "home",
  "home-no-start",
  "home-invite",
  "home-invite-local",
  "home-start-used",
  "join",
  "join-live",
  "join-denied",
  "join-name",
  "join-network",
  "join-problem",
  "join-link-dead",
  "join-opens",
  "join-not-the-host",
  "waiting",
  "waiting-unattended",
  "waiting-full",
  "waiting-locked",
  "waiting-back",
  "waiting-lost",
  "waiting-asked",
  "waiting-passcode",
  "waiting-passcode-wrong",
  "waiting-live",
  "waiting-long",
  "left",
  "left-removed",
  "left-refused",
  "left-link-replaced",
  "left-place-lost",
  "left-ended",
  "left-ended-by-you",
  "left-gave-up",
];
const low = (screen) => (["home-invite", "join", "waiting"].includes(screen) ? LOW : []);

before(() => openEyes("gallery-pages"));
after(closeEyes);

for (const screen of chosen(PAGES)) {
  const zoomed = low(screen).length > 0 ? ", at 400 % zoom and on a phone on its side" : "";
  test(`${screen} is accessible and fits, in light and dark, from 320 to 1,440 px${zoomed}`, async () => {
    await look(screen, screen, { sizes: [...SIZES, ...low(screen)], dark: [PHONE, DESK] });
  });
}

for (const screen of chosen(["home-invite", "join", "waiting-asked", "left"])) {
  test(`${screen} is accessible and fits from right to left`, async () => {
    await look(screen, `${screen}-rtl`, { sizes: [PHONE, DESK], dir: "rtl" });
  });
}

for (const screen of chosen(["join"])) {
  test(`${screen} keeps its edges in forced colours`, async () => {
    await look(screen, `${screen}-forced`, { sizes: [DESK], forcedColors: "active" });
  });
}
