// The top bar: what is true of this meeting, what just happened, and the own connection.
import { useEffect, useRef, useState } from "preact/hooks";
import type {
  ConnectionView,
  DevicesView,
  DeviceView,
  MeetingView,
  Notice,
  Person,
} from "../../state/view.ts";
import { type DeviceName, focusDevice, useFocusHandedOn, useFocusKept } from "../focus.ts";
import { Icon } from "../icons.tsx";
import { sentenceOf } from "../notices.ts";
import { Brand, clockText, useCountdown, useNow } from "../parts.tsx";
import { isolate, t } from "../words.ts";
import { Alarms } from "./Alarms.tsx";
import { CompareLane } from "./Compare.tsx";
import type { Band } from "./hooks.ts";
import { KnockLane, type Knocks } from "./Knock.tsx";
import type { PanelName } from "./Panels.tsx";

export interface TopBarProps {
  readonly view: MeetingView;
  readonly band: Band;
  readonly inert: boolean; // a panel lies over it
  readonly panel: PanelName | undefined;
  readonly knocks: Knocks;
  readonly onPanel: (panel: PanelName) => void;
  readonly page: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}

export function TopBar(props: TopBarProps) {
  const { view, band } = props;
  const top = useRef<HTMLElement>(null);
  useFocusKept(top);
  // Kept here, and not in a lane, which is drawn anew where the window becomes wider or narrower.
  const notice = useLatest(view.notices, props.panel);
  const [put, setPut] = useState<ReadonlySet<string>>(new Set());
  const putOff = (what: string) => setPut(new Set([...put, what]));
  const troubled = useNewestTrouble(view.devices);
  const urgent = urgentLane({ ...props, put, putOff, troubled });
  const lane = urgent ?? quietLane({ ...props, put, putOff, troubled });
  const brief = !urgent && notice && <Brief notice={notice} />;
  const inRow = band === "wide" ? brief || lane : brief;
  return (
    <header class="top" inert={props.inert} ref={top}>
      <h1 class="unseen">{view.title || t("meeting-heading")}</h1>
      <div class={brief ? "top-row top-row-brief" : "top-row"}>
        {band !== "small" && <Brand />}
        <Facts {...props} />
        <span class="top-space" />
        {inRow}
        <Pager {...props} />
        <Network {...props} />
      </div>
      {band !== "wide" && lane}
      <Alarms view={view} onLook={(panel) => props.onPanel(panel)} />
    </header>
  );
}

function Facts({ view, band, panel, onPanel }: TopBarProps) {
  const server = view.invite.address.split("/")[0] ?? "";
  const people = t("chip-people", { count: view.people.length });
  return (
    <>
      <button
        type="button"
        class="chip chip-button chip-accent"
        aria-expanded={panel === "security"}
        onClick={() => onPanel("security")}
      >
        <Icon name="lock" />
        {t(band === "small" ? "chip-encrypted-short" : "chip-encrypted")}
      </button>
      {band !== "small" && (
        <span class="chip chip-server">
          <Icon name="place" />
          <bdi>{server}</bdi>
        </span>
      )}
      <button
        type="button"
        class="chip chip-button"
        aria-expanded={panel === "people"}
        aria-label={people}
        onClick={() => onPanel("people")}
      >
        <Icon name="people" />
        {band === "small" ? view.people.length : people}
      </button>
    </>
  );
}

/** On a phone only when something is wrong: there the room is for what must be known. */
function Network({ view: { connection }, band, panel, onPanel }: TopBarProps) {
  const blocked = connection.state === "connecting" && connection.blocked;
  const well = (connection.state === "good" || connection.state === "connecting") && !blocked;
  const words = (
    <>
      <Icon name={connection.state === "offline" ? "offline" : "signal"} />
      <span class="unseen">{t("connection-label")}</span> {t(`connection-${connection.state}`)}
    </>
  );
  if (band === "small" && well)
    return (
      <span class="unseen" data-connection={connection.state}>
        {words}
      </span>
    );
  return (
    <button
      type="button"
      class={`chip chip-button ${well ? "chip-quiet" : "chip-warn"}`}
      data-connection={connection.state}
      aria-expanded={panel === "connection"}
      onClick={() => onPanel("connection")}
    >
      {words}
    </button>
  );
}

function Pager({ page, pages, onPage }: TopBarProps) {
  if (pages < 2) return null;
  return (
    <span class="pager">
      {page > 0 && (
        <button
          type="button"
          class="icon-button"
          aria-label={t("page-back")}
          onClick={() => onPage(page - 1)}
        >
          <Icon name="back" />
        </button>
      )}
      <span>{t("page-of", { page: page + 1, pages })}</span>
      {page < pages - 1 && (
        <button
          type="button"
          class="icon-button"
          aria-label={t("page-next")}
          onClick={() => onPage(page + 1)}
        >
          <Icon name="next" />
        </button>
      )}
    </span>
  );
}

interface LaneProps extends TopBarProps {
  readonly put: ReadonlySet<string>; // off: who asked to share, or the offer
  readonly putOff: (what: string) => void;
  readonly troubled: DeviceName | undefined; // the device whose problem is the newest
}

/** One thing at a time: what keeps sound or picture away first, then who knocks or asks. What just
 * happened waits for it. */
function urgentLane({ view, panel, knocks, put, putOff, troubled }: LaneProps) {
  const { connection } = view;
  if (connection.state === "offline") return <Offline view={view} connection={connection} />;
  if (connection.state === "reconnecting")
    return <Reconnecting view={view} connection={connection} />;
  if (connection.state === "connecting" && connection.blocked) {
    return (
      <div class="lane lane-warn">
        <Icon name="signal" />
        <span role="status">{t("strip-blocked")}</span>
      </div>
    );
  }
  if (view.soundBlocked) {
    return (
      <div class="lane lane-warn">
        <Icon name="speaker" />
        <span>{t("strip-sound")}</span>
        <button type="button" class="button button-warn button-small" onClick={view.soundBlocked}>
          {t("strip-sound-action")}
        </button>
      </div>
    );
  }
  if (panel !== "settings" && troubled) {
    const device = troubled === "mic" ? view.devices.microphone : view.devices.camera;
    return <DeviceLane key={troubled} device={device} kind={troubled} />;
  }
  if (view.settingsLost) return <SettingsLost {...view.settingsLost} />;
  if (knocks.waiting.length > 0) return <KnockLane {...knocks} />;
  const asker = view.people.find((one) => one.asksToShare && one.allowShare && !put.has(one.id));
  if (asker) return <ShareLane person={asker} onLater={() => putOff(asker.id)} />;
  if (view.comparing.asked) return <CompareLane comparing={view.comparing} />;
  return undefined;
}

/** What lasts, and has no haste. */
function quietLane({ view, put, putOff }: LaneProps) {
  const { connection } = view;
  if (view.soundOnly.on) return <SoundOnly toggle={view.soundOnly.toggle} />;
  if (connection.state === "weak" && connection.long && !put.has(WEAK))
    return <WeakLane toggle={view.soundOnly.toggle} onLater={() => putOff(WEAK)} />;
  return <CompareLane comparing={view.comparing} />;
}

/** What just happened, for a while. On every width it stands beside the facts and covers none. */
function Brief({ notice }: { notice: Notice }) {
  return (
    <div class="lane lane-brief" aria-hidden="true">
      <span dir="auto">{sentenceOf(notice)}</span>
    </div>
  );
}

/** Somebody pressed it, and it did not go on, or went off by itself. Its panel says the same. */
function DeviceLane({ device, kind }: { device: DeviceView; kind: DeviceName }) {
  const lane = useRef<HTMLElement>(null);
  useFocusHandedOn(lane, () => focusDevice(kind));
  return (
    <section class="lane lane-warn" aria-label={t("settings-title")} ref={lane}>
      <Icon name={kind === "mic" ? "microphone-off" : "camera-off"} />
      <span role="alert">{t(`${kind}-${device.problem}-inside`)}</span>
      <span class="lane-actions">
        {device.problem !== "none" && (
          <button type="button" class="button button-warn button-small" onClick={device.toggle}>
            {t("device-again")}
          </button>
        )}
        <button
          type="button"
          class="button button-warn button-small"
          onClick={device.forgetProblem}
        >
          {t("share-not-now")}
        </button>
      </span>
    </section>
  );
}

/** A new problem is not hidden by an older one, which comes back when the new one is over. */
function useNewestTrouble({ microphone, camera }: DevicesView): DeviceName | undefined {
  const order = useRef<readonly DeviceName[]>([]);
  const now: DeviceName[] = [];
  if (microphone.problem) now.push("mic");
  if (camera.problem) now.push("camera");
  const fresh = now.filter((device) => !order.current.includes(device));
  order.current = [...fresh, ...order.current.filter((device) => now.includes(device))];
  return order.current[0];
}

/** Before anybody is let in. */
function SettingsLost({ lost, seen }: NonNullable<MeetingView["settingsLost"]>) {
  return (
    <section class="lane lane-warn" aria-label={t("security-title")}>
      <Icon name="alert" />
      <span>{t(`notice-${lost}`)}</span>
      <button type="button" class="button button-warn button-small" onClick={seen}>
        {t("settings-lost-seen")}
      </button>
    </section>
  );
}

const WEAK = ""; // nobody's id

/** Pictures have been turned down for half a minute: without any there may be room for every voice. */
function WeakLane({ toggle, onLater }: { toggle: () => void; onLater: () => void }) {
  return (
    <section class="lane lane-warn" aria-label={t("connection-label")}>
      <Icon name="signal" />
      <span role="status">{t("path-is-weak")}</span>
      <span class="lane-actions">
        <button type="button" class="button button-warn button-small" onClick={toggle}>
          {t("strip-sound-only-begin")}
        </button>
        <button type="button" class="button button-warn button-small" onClick={onLater}>
          {t("share-not-now")}
        </button>
      </span>
    </section>
  );
}

// Some have a lane of their own, and what is written is seen in its panel.
function isBrief(what: Notice["what"], panel: PanelName | undefined): boolean {
  const has = what === "knocking" || what === "share_asked" || what.startsWith("settings_");
  return !has && !(what === "written" && panel === "chat");
}

/** Somebody asks to share, where only hosts do. */
function ShareLane({ person, onLater }: { person: Person; onLater: () => void }) {
  return (
    <section class="lane" aria-label={t("tool-share")}>
      <Icon name="screen" />
      <span>{t("notice-share_asked", { name: isolate(person.name) })}</span>
      <span class="lane-actions">
        <button
          type="button"
          class="button button-quiet button-small"
          onClick={() => {
            person.allowShare?.();
            onLater();
          }}
        >
          {t("share-allow")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={onLater}>
          {t("share-not-now")}
        </button>
      </span>
    </section>
  );
}

function SoundOnly({ toggle }: { toggle: () => void }) {
  return (
    <div class="lane">
      <Icon name="speaker" />
      <span>{t("strip-sound-only")}</span>
      <button type="button" class="button button-quiet button-small" onClick={toggle}>
        {t("strip-sound-only-end")}
      </button>
    </div>
  );
}

interface TroubleProps<S> {
  readonly view: MeetingView;
  readonly connection: Extract<ConnectionView, { state: S }>;
}

function Offline({ view, connection }: TroubleProps<"offline">) {
  const seconds = useCountdown(connection.retryInMs);
  return (
    <div class="lane lane-warn">
      <Icon name="offline" />
      <span class="unseen" role="status">
        {t("connection-offline")}
      </span>
      <span>{t("strip-offline", { seconds })}</span>
      {connection.long && <WayOut view={view} />}
    </div>
  );
}

function Reconnecting({ view, connection }: TroubleProps<"reconnecting">) {
  const { mediaFlows, long } = connection;
  const words = mediaFlows ? "strip-signalling" : long ? "strip-long" : "strip-reconnecting";
  return (
    <div class="lane lane-warn">
      <Icon name="again" />
      <span role="status">{t(words)}</span>
      {long && <WayOut view={view} />}
    </div>
  );
}

/** What can be done about it: ask less of the network, or go. */
function WayOut({ view: { soundOnly, leave } }: { view: MeetingView }) {
  return (
    <span class="lane-actions">
      {!soundOnly.on && (
        <button type="button" class="button button-warn button-small" onClick={soundOnly.toggle}>
          {t("strip-sound-only-begin")}
        </button>
      )}
      <button type="button" class="button button-warn button-small" onClick={leave}>
        {t("tool-leave")}
      </button>
    </span>
  );
}

const NOTICE_SHOWN_MS = 6000;

/** The newest notice that is for the lane, for a while, once. */
function useLatest(notices: readonly Notice[], panel: PanelName | undefined): Notice | undefined {
  const [shown, setShown] = useState<Notice>();
  const seen = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const fresh = notices.filter(({ key, what }) => !seen.current.has(key) && isBrief(what, panel));
    seen.current = new Set(notices.map(({ key }) => key));
    const newest = fresh.at(-1);
    if (newest) setShown(newest);
  }, [notices, panel]);
  useEffect(() => {
    const timer = setTimeout(() => setShown(undefined), NOTICE_SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return shown && isBrief(shown.what, panel) ? shown : undefined;
}

/** What the meeting is called, how long it lasts, and who began it. */
export function Clock({ view }: { view: MeetingView }) {
  const seconds = Math.max(0, Math.floor((useNow(1000) - view.startedAt) / 1000));
  const host = view.people.find((person) => person.isHost);
  return (
    <div class="clock">
      {view.title !== "" && (
        <span class="clock-title">
          <bdi>{view.title}</bdi>
        </span>
      )}
      <span class="clock-line">
        <span class="clock-time" role="timer">
          {clockText(seconds)}
        </span>
        {host && (
          <span class="clock-host">
            {t("clock-host", { name: host.isSelf ? t("people-you") : host.name })}
          </span>
        )}
      </span>
    </div>
  );
}
