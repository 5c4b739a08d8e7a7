// Small pieces that several pages are made of. They draw what they are given.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { DeviceMenu, DevicesView, DeviceView, Invite, Problem } from "../state/view.ts";
import { type DeviceName, focusDevice, useFocusHandedOn } from "./focus.ts";
import { Icon, type IconName, Mark } from "./icons.tsx";
import { t } from "./words.ts";

export function Brand() {
  return (
    <span class="brand">
      <Mark />
      {t("brand")}
    </span>
  );
}

export function Chip(props: {
  icon: IconName;
  quiet?: boolean;
  lit?: boolean;
  children: ComponentChildren;
}) {
  return (
    <span class={`chip${props.lit ? " chip-accent" : ""}${props.quiet ? " chip-quiet" : ""}`}>
      <Icon name={props.icon} />
      {props.children}
    </span>
  );
}

/** The page around a form: the brand above and at most one action, a promise below. */
export function Page(props: {
  class: string;
  action?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <div class="page">
      <header class="page-top">
        <Brand />
        {props.action}
      </header>
      <main class={`page-main ${props.class}`} tabIndex={-1}>
        {props.children}
      </main>
      <footer class="page-foot">{t("footer-promise")}</footer>
    </div>
  );
}

/** A picture, moving. Own pictures are mirrored for oneself alone. */
export function Picture(props: { stream: MediaStream; mirrored?: boolean; whole?: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    if (video.current && video.current.srcObject !== props.stream) {
      video.current.srcObject = props.stream;
    }
  }, [props.stream]);
  const look = `picture${props.mirrored ? " picture-mirrored" : ""}${props.whole ? " picture-whole" : ""}`;
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a video without controls takes no focus
  return <video ref={video} class={look} muted playsInline autoplay aria-hidden="true" />;
}

const NAME_STANDS_HERE = "\ue000"; // no name has characters of private use

/** The sentence called `id` with one or several names in it, each isolated from the rest. */
export function Named(props: { id: string; name: string | readonly string[] }) {
  const names = typeof props.name === "string" ? [props.name] : props.name;
  const values = { name: NAME_STANDS_HERE, names: NAME_STANDS_HERE, count: names.length };
  const [before, after] = t(props.id, values).split(NAME_STANDS_HERE);
  if (after === undefined) return before; // a sentence without a place for names
  return (
    <>
      {before}
      {names.map((name, at) => (
        <>
          {at > 0 && ", "}
          <bdi>{name}</bdi>
        </>
      ))}
      {after}
    </>
  );
}

/** The arched door of the mark: closed, or about to open. */
export function Door({ ajar }: { ajar?: boolean }) {
  return (
    <svg class="door" viewBox="0 0 160 130" aria-hidden="true">
      <path class="door-frame" d="M30 122V58a50 50 0 0 1 100 0v64z" />
      <path class="door-leaf" d="M44 122V60a36 36 0 0 1 72 0v62z" />
      {ajar && <path class="door-turned" d="M44 122V60A36 36 0 0 1 73 24.7v84.6z" />}
      <circle class="door-knob" cx={ajar ? 65 : 104} cy="78" r="3.5" />
      <path class="door-floor" d="M6 122h148" />
    </svg>
  );
}

/** Minutes and seconds, and hours when there are any. */
export function clockText(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Initials in a round. The dashed ring says that nobody checked the name. */
export function Avatar(props: {
  initials: string;
  colour: number;
  unchecked?: boolean;
  class?: string;
}) {
  const ring = props.unchecked ? " avatar-unchecked" : "";
  // The letters are drawn by the style: they are a picture, not words to be read or searched.
  return (
    <span
      class={`avatar colour-${props.colour % 8}${ring} ${props.class ?? ""}`}
      data-initials={props.initials}
      aria-hidden="true"
    />
  );
}

/** The current time of the performance.now() clock, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Counts down to zero in whole seconds, from the moment it was given `ms`. */
export function useCountdown(ms: number | undefined): number {
  const [left, setLeft] = useState(Math.ceil((ms ?? 0) / 1000));
  useEffect(() => {
    const end = performance.now() + (ms ?? 0);
    const update = () => setLeft(Math.max(0, Math.ceil((end - performance.now()) / 1000)));
    update();
    if (!ms) return;
    const timer = setInterval(update, 500);
    return () => clearInterval(timer);
  }, [ms]);
  return left;
}

/** What happened, in one sentence, and at most one thing to do about it. */
export function ProblemNote({ problem }: { problem: Problem }) {
  const seconds = useCountdown(problem.retryInMs);
  return (
    <div class="note note-warn" role="alert">
      <Icon name="alert" />
      <div class="note-text">
        <p>{t(`problem-${problem.what}`)}</p>
        {seconds > 0 && <p aria-hidden="true">{t("problem-retry-in", { seconds })}</p>}
        {problem.retry && (
          <button type="button" class="button button-line button-small" onClick={problem.retry}>
            {t("problem-retry")}
          </button>
        )}
        {problem.code && <code class="code">{problem.code}</code>}
      </div>
    </div>
  );
}

const SLOW_MS = 8000;

/** While something is loaded or asked that may take a moment: nothing at first, later the truth. */
export function Slow() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="under-button" role="status">
      {slow && t("slow")}
    </p>
  );
}

type Copying = "no" | "done" | "refused";

/** Copies the link and says so on the button for a while. */
function useCopy(invite: Invite): { copying: Copying; copy: () => void } {
  const [copying, setCopying] = useState<Copying>("no");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = () => {
    clearTimeout(timer.current);
    void invite.copy().then((done) => {
      setCopying(done ? "done" : "refused");
      if (done) timer.current = setTimeout(() => setCopying("no"), 4000);
    });
  };
  return { copying, copy };
}

export function CopyButton(props: { invite: Invite; label: string; class: string }) {
  const { copying, copy } = useCopy(props.invite);
  if (props.invite.forOne) return null; // who passes it on lets somebody come in one's own place
  return (
    <>
      <button type="button" class={`button ${props.class}`} onClick={copy}>
        <Icon name={copying === "done" ? "check" : "copy"} />
        {copying === "done" ? t("invite-copied") : props.label}
      </button>
      <p class={copying === "refused" ? "hint hint-warn" : "unseen"} role="status">
        {copying === "done" && t("invite-copied-said")}
        {copying === "refused" && t("invite-not-copied")}
      </p>
    </>
  );
}

/** The link whole, its secret part coloured; one press selects it. */
export function InviteLink({ invite }: { invite: Invite }) {
  return (
    <code class="link-field" dir="ltr">
      <span class="link-address">{invite.address}</span>
      <span class="link-secret">#{invite.secret}</span>
    </code>
  );
}

export function InviteCard(props: { invite: Invite; enter?: (() => void) | undefined }) {
  const { invite, enter } = props;
  return (
    <section class="card invite" aria-label={t("invite-title")}>
      <h2>{t("invite-title")}</h2>
      <InviteLink invite={invite} />
      <CopyButton
        invite={invite}
        label={t("invite-copy")}
        class={enter ? "button-line" : "button-primary"}
      />
      {enter && (
        <button type="button" class="button button-primary" onClick={enter}>
          <Icon name="camera" />
          {t("home-enter")}
        </button>
      )}
      <div class="note">
        <Icon name="key" />
        <p class="note-text">{t("invite-key")}</p>
      </div>
      {invite.thisComputerOnly && (
        <div class="note note-warn">
          <Icon name="alert" />
          <p class="note-text">{t("invite-here-only")}</p>
        </div>
      )}
    </section>
  );
}

/** One device menu, drawn only when the browser tells what there is to choose. */
function DeviceSelect(props: {
  menu: DeviceMenu;
  icon: IconName;
  label: string;
  device?: DeviceName;
}) {
  const { menu } = props;
  const id = useId();
  if (menu.choices.length === 0) return null;
  return (
    <span class="select">
      <Icon name={props.icon} size="small" />
      <label class="unseen" for={id}>
        {props.label}
      </label>
      <select
        id={id}
        data-device={props.device}
        value={menu.chosen ?? ""}
        onChange={(e) => menu.choose(e.currentTarget.value)}
      >
        {menu.chosen === undefined && <option value="">{props.label}</option>}
        {menu.choices.map((choice) => (
          <option key={choice.id} value={choice.id}>
            {choice.label}
          </option>
        ))}
      </select>
      <Icon name="down" size="small" />
    </span>
  );
}

/** The three menus, the level of the own microphone, and a sound to try the speaker with. */
export function DeviceRow({ devices }: { devices: DevicesView }) {
  return (
    <div class="device-row">
      <DeviceSelect
        menu={devices.microphone}
        icon="microphone"
        label={t("device-microphone")}
        device="mic"
      />
      <DeviceSelect
        menu={devices.camera}
        icon="camera"
        label={t("device-camera")}
        device="camera"
      />
      <DeviceSelect menu={devices.speaker} icon="speaker" label={t("device-speaker")} />
      {devices.microphone.on && <Level level={devices.level} />}
      <button type="button" class="button button-text button-small" onClick={devices.testSound}>
        {t("device-test")}
      </button>
    </div>
  );
}

const LEVEL_BARS = 8;

export function Level({ level }: { level: number }) {
  const lit = Math.round(Math.min(1, Math.max(0, level)) * LEVEL_BARS);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot be drawn as bars in every browser
    <span
      class="level"
      role="meter"
      aria-label={t("device-level")}
      aria-valuemin={0}
      aria-valuemax={LEVEL_BARS}
      aria-valuenow={lit}
    >
      {Array.from({ length: LEVEL_BARS }, (_, i) => (
        <span key={i} class={i < lit ? "level-bar level-lit" : "level-bar"} />
      ))}
    </span>
  );
}

interface DeviceProblemProps {
  readonly device: DeviceView;
  readonly kind: DeviceName;
  readonly inside?: boolean; // in the meeting
}

/** Why a device does not work, what still does, and one action. */
export function DeviceProblem(props: DeviceProblemProps) {
  return props.device.problem ? <DeviceNote {...props} /> : null;
}

function DeviceNote({ device, kind, inside }: DeviceProblemProps) {
  const note = useRef<HTMLDivElement>(null);
  useFocusHandedOn(note, () => focusDevice(kind));
  return (
    <div class="note note-warn" role="alert" ref={note}>
      <Icon name="alert" />
      <div class="note-text">
        <p>{t(`${kind}-${device.problem}${inside ? "-inside" : ""}`)}</p>
        {device.problem !== "none" && (
          <button type="button" class="button button-line button-small" onClick={device.toggle}>
            {t("device-again")}
          </button>
        )}
      </div>
    </div>
  );
}
