// The meeting page: top bar, stage, panel, tools, and the one region that speaks. Loaded when needed.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { MeetingView, Notice } from "../../state/view.ts";
import chat from "../../strings/chat.en.ftl";
import door from "../../strings/door.en.ftl";
import catalogue from "../../strings/meeting.en.ftl";
import words from "../../strings/words.en.ftl";
import { focusMain, focusRest } from "../focus.ts";
import type { KeyAction } from "../keys.ts";
import { added, isUrgent, type Line, Pace, sentencesOf } from "../notices.ts";
import { addWords, isolate, t } from "../words.ts";
import { useUnread } from "./Chat.tsx";
import { CheckDialog } from "./CheckPerson.tsx";
import { CompareDialog } from "./Compare.tsx";
import { KeysDialog, LeaveDialog } from "./Dialogs.tsx";
import { useBand, useKeys } from "./hooks.ts";
import { useKnocks } from "./Knock.tsx";
import { isOver, Panel, type PanelName } from "./Panels.tsx";
import { Stage } from "./Stage.tsx";
import { isLive, Tools } from "./Tools.tsx";
import { TopBar } from "./TopBar.tsx";
import { WhereDialog } from "./WhereData.tsx";

addWords(catalogue);
addWords(door);
addWords(chat);
addWords(words);

export function Meeting({ view }: { view: MeetingView }) {
  const band = useBand();
  const [opened, setPanel] = useState<PanelName>();
  // Who may no longer let in sees the people who are in.
  const panel = opened === "queue" && !view.queue ? "people" : opened;
  const covered = panel !== undefined && isOver(band);
  const [dialog, setDialog] = useState<"leave" | "keys" | "where">();
  const [singleKeys, setSingleKeys] = useState(true);
  const [pinned, setPinned] = useState<string>();
  const [page, setPage] = useState(0);
  const [pages, setPages] = useState(1);
  const [readChat, setReadChat] = useState(true);
  const [draft, setDraft] = useState("");
  const unread = useUnread(view.chat, panel === "chat");
  const said = useAnnouncer(view.notices, readChat);
  const knocks = useKnocks(view.queue, panel === "queue", () => setPanel("queue"));
  useFocusReturn(panel !== undefined);
  useFocusReturn(dialog !== undefined);
  useFocusReturn(view.comparing.open !== undefined);
  useFocusReturn(view.comparing.person !== undefined);
  useTitle(view.title, isLive(view));
  useEffect(focusMain, []);

  const openPanel = (name: PanelName) => setPanel(panel === name ? undefined : name);
  const closePanel = () => setPanel(undefined);
  const pin = (key: string | undefined) => setPinned(key === pinned ? undefined : key);
  const leave = () => (view.endForAll ? setDialog("leave") : view.leave());
  const keyed = useDevicesSaid(view, said.say);
  const keyAct = (action: KeyAction) =>
    act(action, {
      view,
      close: () => {
        if (dialog) setDialog(undefined);
        else if (view.comparing.open) view.comparing.open.close();
        else if (view.comparing.person) view.comparing.person.close();
        else if (panel) closePanel();
        else if (pinned) setPinned(undefined);
        else return false;
        return true;
      },
      panel: openPanel,
      keys: () => setDialog("keys"),
      pin,
      leave,
      say: said.say,
      keyed: (device) => keyed.current.add(device),
    });
  useKeys(singleKeys, keyAct, () => view.holdToTalk(false));

  return (
    <div class={`meeting meeting-${band}${panel && band === "wide" ? " meeting-with-panel" : ""}`}>
      {!covered && (
        <a class="skip" href="#tools">
          {t("skip-tools")}
        </a>
      )}
      {panel && !covered && (
        <a class="skip" href="#panel">
          {t("skip-panel")}
        </a>
      )}
      <TopBar
        view={view}
        band={band}
        inert={covered}
        panel={panel}
        knocks={knocks}
        onPanel={openPanel}
        page={page}
        pages={pages}
        onPage={setPage}
      />
      <Stage
        view={view}
        inert={covered}
        pinned={pinned}
        onPin={pin}
        page={page}
        onPages={setPages}
      />
      {panel && (
        <Panel
          view={view}
          name={panel}
          band={band}
          singleKeys={singleKeys}
          onSingleKeys={setSingleKeys}
          readChat={readChat}
          onReadChat={setReadChat}
          unread={unread}
          draft={draft}
          onDraft={setDraft}
          onKeyList={() => setDialog("keys")}
          onWhere={() => setDialog("where")}
          onPanel={setPanel}
          onClose={closePanel}
        />
      )}
      <Tools
        view={view}
        band={band}
        inert={covered}
        panel={panel}
        unread={unread}
        singleKeys={singleKeys}
        onPanel={openPanel}
        onLeave={leave}
      />
      {dialog === "keys" && (
        <KeysDialog singleKeys={singleKeys} onClose={() => setDialog(undefined)} />
      )}
      {dialog === "where" && <WhereDialog view={view} onClose={() => setDialog(undefined)} />}
      {view.comparing.open && (
        <CompareDialog
          open={view.comparing.open}
          comparing={view.comparing}
          microphone={view.devices.microphone}
          onLeave={leave}
        />
      )}
      {view.comparing.person && (
        <CheckDialog
          open={view.comparing.person}
          microphone={view.devices.microphone}
          onLeave={leave}
        />
      )}
      {dialog === "leave" && view.endForAll && (
        <LeaveDialog
          onLeave={view.leave}
          onEnd={view.endForAll}
          onClose={() => setDialog(undefined)}
        />
      )}
      <div class="unseen" role="status" aria-live="polite" aria-atomic="false">
        <Spoken lines={said.lines} />
      </div>
      <div class="unseen" role="alert" aria-atomic="false">
        <Spoken lines={said.urgent} />
      </div>
    </div>
  );
}

interface Actions {
  readonly view: MeetingView;
  readonly close: () => boolean;
  readonly panel: (name: PanelName) => void;
  readonly keys: () => void;
  readonly pin: (key: string) => void;
  readonly leave: () => void;
  readonly say: (sentence: string) => void;
  readonly keyed: (device: OwnDevice) => void; // it is said when it has gone on or off
}

type OwnDevice = "microphone" | "camera";

/** Does what a key asks for; false when there is nothing to do. */
function act(action: KeyAction, on: Actions): boolean {
  const { view } = on;
  if (typeof action === "object") {
    const tile = view.tiles.filter(({ person }) => !person.isSelf)[action.pin - 1];
    if (tile) on.pin(tile.key);
    return tile !== undefined;
  }
  switch (action) {
    case "microphone":
      on.keyed(action);
      view.devices.microphone.toggle();
      return true;
    case "talk":
      view.holdToTalk(true);
      return true;
    case "camera":
      if (view.soundOnly.on) return false;
      on.keyed(action);
      view.devices.camera.toggle();
      return true;
    case "off-air":
      view.offAir();
      on.say(t("said-off-air"));
      return true;
    case "share":
      if (view.soundOnly.on) return false;
      (view.sharing.toggle ?? view.sharing.ask)?.();
      return (view.sharing.toggle ?? view.sharing.ask) !== undefined;
    case "hand":
      view.hand.toggle();
      on.say(t(view.hand.up ? "said-hand-down" : "said-hand-up"));
      return true;
    case "people":
      on.panel("people");
      return true;
    case "waiting":
      if (view.queue) on.panel("queue");
      return view.queue !== undefined;
    case "security":
    case "chat":
      on.panel(action);
      return true;
    case "full":
      toggleFullScreen();
      return true;
    case "who":
      on.say(whoSpeaks(view));
      return true;
    case "list":
      on.keys();
      return true;
    case "close":
      return on.close();
    case "leave":
      on.leave();
      return true;
  }
}

function toggleFullScreen(): void {
  const change = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen();
  change.catch(() => {}); // the browser refused; nothing changed
}

function whoSpeaks(view: MeetingView): string {
  const names = view.people.filter((p) => p.speaking && !p.isSelf).map((p) => isolate(p.name));
  return names.length > 0 ? t("said-speaking", { names: names.join(", ") }) : t("said-nobody");
}

function Spoken({ lines }: { lines: readonly Line[] }) {
  return lines.map(({ key, text }) => <p key={key}>{text}</p>);
}

/** What is said aloud: the first few notices at once, then what came in a second together; urgent ones and answers to keys at once. */
function useAnnouncer(
  notices: readonly Notice[],
  readChat: boolean,
): {
  lines: readonly Line[];
  urgent: readonly Line[];
  say: (sentence: string) => void;
} {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [urgent, setUrgent] = useState<readonly Line[]>([]);
  const seen = useRef(new Set<string>());
  const batch = useRef<Notice[]>([]);
  const pace = useRef(new Pace());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const speak = () => {
    timer.current = undefined;
    pace.current.take(performance.now());
    const sentences = sentencesOf(batch.current);
    setLines((before) => added(before, sentences, performance.now()));
    batch.current = [];
  };
  useEffect(() => {
    const fresh = notices.filter(({ key }) => !seen.current.has(key));
    for (const { key } of fresh) seen.current.add(key);
    const heard = fresh.filter(({ what }) => readChat || what !== "written");
    const now = heard.filter(isUrgent);
    if (now.length > 0) setUrgent((before) => added(before, sentencesOf(now), performance.now()));
    batch.current.push(...heard.filter((notice) => !isUrgent(notice)));
    if (batch.current.length === 0 || timer.current !== undefined) return;
    const delay = pace.current.delay(performance.now());
    if (delay === 0) speak();
    else timer.current = setTimeout(speak, delay);
  }, [notices, readChat]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const say = (sentence: string) =>
    setLines((before) => added(before, [sentence], performance.now()));
  return { lines, urgent, say };
}

/** Who turns a device on or off by a key has no button to hear it from: it is said once it is so. */
function useDevicesSaid(view: MeetingView, say: (sentence: string) => void) {
  const keyed = useRef(new Set<OwnDevice>());
  const { microphone, camera } = view.devices;
  useEffect(() => {
    if (keyed.current.delete("microphone")) say(t(microphone.on ? "said-mic-on" : "said-mic-off"));
  }, [microphone.on]);
  useEffect(() => {
    if (keyed.current.delete("camera")) say(t(camera.on ? "said-camera-on" : "said-camera-off"));
  }, [camera.on]);
  return keyed;
}

/** Gives the focus back to what had it when something opened; if that is gone, to what is there still. */
function useFocusReturn(open: boolean): void {
  const opener = useRef<Element | null>(null);
  const was = useRef(false);
  if (open && !was.current) opener.current = document.activeElement;
  was.current = open;
  useLayoutEffect(() => {
    if (open || !(opener.current instanceof HTMLElement)) return;
    const stays = opener.current.isConnected && opener.current !== document.body;
    if (stays) opener.current.focus();
    else focusRest();
    opener.current = null;
  }, [open]);
}

/** The window's title tells which meeting it is, and that something leaves this device. */
function useTitle(called: string, live: boolean): void {
  useEffect(() => {
    const title = called === "" ? t("title-meeting") : called;
    document.title = live ? t("title-live", { title }) : title;
  }, [called, live]);
}
