// The app: which page is shown, and one signal with what it draws. Nothing is stored anywhere: a
// guest leaves no cookie and no other trace in the browser.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { CoreWasm } from "../e2ee/core.ts";
import { Devices } from "../media/devices.ts";
import { pageLeaves } from "../signal/socket.ts";
import { CoreStarter } from "./core_starter.ts";
import { HomePage } from "./home.ts";
import { JoinPage } from "./join.ts";
import { AddressBar, isPersonalFragment, linkTo, type Place } from "./link.ts";
import { MeetingPage } from "./meeting_page.ts";
import type { Page, Shell } from "./page.ts";
import type { Invite, View } from "./view.ts";

const THIS_COMPUTER = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.*\.localhost)$/;

/** Starts the app in this window, with the core at the addresses `wasm`, and says what it draws, now and from now on. */
export function startApp(wasm: CoreWasm): ReadonlySignal<View> {
  const addressBar = new AddressBar(window);
  let publishing = false;
  let page: Page | undefined;
  const publish = () => {
    publishing = false;
    if (page) view.value = page.view();
  };
  const changed = () => {
    if (publishing) return;
    publishing = true;
    queueMicrotask(publish);
  };
  const show = (next: Page) => {
    page?.close();
    page = next;
    inMeeting()?.seen(!document.hidden);
    changed();
  };
  const inMeeting = () => (page instanceof MeetingPage ? page : undefined);
  const devices = new Devices({
    changed: () => {
      inMeeting()?.devicesChanged();
      changed();
    },
    heard: () => {
      inMeeting()?.voiceHeard();
      changed();
    },
    speaker: (id) => inMeeting()?.speakerChosen(id),
  });
  const shell: Shell = {
    devices,
    addressBar,
    core: new CoreStarter(wasm),
    socketAddress: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`,
    origin: location.origin,
    server: location.hostname,
    name: "",
    title: "",
    changed,
    show,
    home: () => {
      devices.stop();
      addressBar.show("/", "");
      show(new HomePage(shell));
    },
    join: (invited, how) => {
      addressBar.show(`/${invited.meeting}`, invited.fragment);
      show(new JoinPage(shell, invited, how));
    },
    rejoin: (invited, how) => {
      const join = new JoinPage(shell, invited, how);
      show(join);
      void join.join();
    },
    invite,
  };
  page = pageOf(shell, addressBar.read());
  const view = signal<View>(page.view());
  window.addEventListener("hashchange", () => {
    // A link pasted over this page's address. In a meeting one stays in it.
    const place = addressBar.read();
    if (!inMeeting()) show(pageOf(shell, place));
  });
  document.addEventListener("visibilitychange", () => inMeeting()?.seen(!document.hidden));
  window.addEventListener("online", () => inMeeting()?.online());
  window.addEventListener("offline", changed);
  // Before another page comes, what is sent at pagehide does not leave Firefox any more; a tab that is taken
  // away without being asked, as on telephones, has only that.
  for (const going of ["beforeunload", "pagehide"])
    window.addEventListener(going, () => {
      pageLeaves();
      inMeeting()?.goingAway();
    });
  return view;
}

function pageOf(shell: Shell, place: Place): Page {
  switch (place.page) {
    case "home":
      return new HomePage(shell);
    case "start":
      return new HomePage(shell, place.token);
    case "meeting":
      return new JoinPage(shell, place);
    case "old":
      return new JoinPage(shell, undefined, {}, { what: "link_old" });
    case "broken":
      return new JoinPage(shell);
  }
}

function invite(meeting: string, fragment: string): Invite {
  return {
    address: `${location.host}/${meeting}`,
    secret: fragment,
    forOne: isPersonalFragment(fragment),
    copy: async () => {
      try {
        await navigator.clipboard.writeText(linkTo(location.origin, meeting, fragment));
        return true;
      } catch {
        return false;
      }
    },
    thisComputerOnly: THIS_COMPUTER.test(location.hostname),
  };
}
