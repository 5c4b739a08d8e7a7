// The controls. A control has light only while something is leaving this device.
import type { MeetingView } from "../../state/view.ts";
import type { DeviceName } from "../focus.ts";
import { Icon, type IconName } from "../icons.tsx";
import { t } from "../words.ts";
import type { Band } from "./hooks.ts";
import type { PanelName } from "./Panels.tsx";
import { Clock } from "./TopBar.tsx";

export interface ToolsProps {
  readonly view: MeetingView;
  readonly band: Band;
  readonly inert: boolean; // a panel lies over it
  readonly panel: PanelName | undefined;
  readonly unread: number; // messages
  readonly singleKeys: boolean; // else no key is told
  readonly onPanel: (panel: PanelName) => void;
  readonly onLeave: () => void;
}

/** Is anything leaving this device now? Over a weak connection, too. */
export function isLive(view: MeetingView): boolean {
  const { microphone, camera } = view.devices;
  return leaves(view) && (microphone.on || camera.on || view.sharing.on);
}

function leaves(view: MeetingView): boolean {
  return !view.security.silenced && !isCutOff(view);
}

/** Nothing comes through, neither sound and picture nor words of the group. */
function isCutOff({ connection }: MeetingView): boolean {
  if (connection.state === "reconnecting") return !connection.mediaFlows;
  return connection.state !== "good" && connection.state !== "weak";
}

interface ToolProps {
  readonly icon: IconName;
  readonly words: string; // seen
  readonly label: string; // the fixed name; the words are added to it
  readonly shortcut?: string | false;
  readonly look: "quiet" | "lit" | "open" | "plain" | "leave";
  readonly waiting?: number; // people, told on the control
  readonly unread?: number; // messages, told there if nobody waits
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly device?: DeviceName;
  readonly onPress: () => void;
}

function Tool(props: ToolProps) {
  const { label, words, shortcut, waiting = 0, unread = 0 } = props;
  const state = label === words ? [] : [words.toLocaleLowerCase()];
  const wait = waiting > 0 ? [t("tool-waiting", { count: waiting })] : [];
  const fresh = unread > 0 ? [unreadWords(unread)] : [];
  const full = [label, ...state, ...wait, ...fresh].join(", ");
  return (
    <button
      type="button"
      class={`tool tool-${props.look}`}
      aria-label={full}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      data-device={props.device}
      title={shortcut ? t("tool-tip", { what: words, key: shortcut }) : words}
      onClick={props.onPress}
    >
      <Icon name={props.icon} />
      {waiting > 0 && <Badge count={waiting} />}
      {waiting === 0 && unread > 0 && <Badge count={unread} look="unread" />}
      <span class="tool-words">{words}</span>
    </button>
  );
}

const COUNTED_MOST = 99; // of thousands the oldest are not kept, so that a number would not be true

export function unreadWords(count: number): string {
  return count > COUNTED_MOST
    ? t("tool-unread-many", { most: COUNTED_MOST })
    : t("tool-unread", { count });
}

/** How many wait or are new, drawn by the style: the control's name says it in words. */
export function Badge({ count, look }: { count: number; look?: "unread" }) {
  return (
    <span
      class={look ? `badge badge-${look}` : "badge"}
      data-count={count > COUNTED_MOST ? `${COUNTED_MOST}+` : count}
      aria-hidden="true"
    />
  );
}

export function Tools(props: ToolsProps) {
  const { view, band } = props;
  return (
    <nav class="tools" id="tools" aria-label={t("tools")} tabIndex={-1} inert={props.inert}>
      {band === "wide" && <Clock view={view} />}
      <div class="tools-middle">
        <LiveTools {...props} />
        {band === "small" && (
          <PanelTool
            {...props}
            name="more"
            icon="more"
            words={t("tool-more")}
            waiting={view.queue?.length ?? 0}
            news={props.unread}
          />
        )}
        <Tool
          icon="leave"
          look="leave"
          words={t("tool-leave")}
          label={t("tool-leave")}
          onPress={props.onLeave}
        />
      </div>
      {band !== "small" && (
        <div class="tools-end">
          <PanelTool
            {...props}
            name="people"
            icon="people"
            words={t("tool-people")}
            shortcut="P"
            waiting={view.queue?.length ?? 0}
          />
          <PanelTool
            {...props}
            name="chat"
            icon="chat"
            words={t("tool-chat")}
            shortcut="C"
            news={props.unread}
          />
          <PanelTool
            {...props}
            name="security"
            icon="shield"
            words={t("tool-security")}
            shortcut="S"
          />
          <PanelTool {...props} name="settings" icon="settings" words={t("tool-settings")} />
        </div>
      )}
    </nav>
  );
}

function LiveTools({ view, band, singleKeys }: ToolsProps) {
  const { microphone, camera } = view.devices;
  const look = (on: boolean) => (on && leaves(view) ? "lit" : "quiet");
  const cameraWords =
    band === "wide"
      ? t(camera.on ? "tool-camera-on" : "tool-camera-off")
      : t(camera.on ? "tool-cam-on" : "tool-cam-off");
  return (
    <>
      <Tool
        icon={microphone.on ? "microphone" : "microphone-off"}
        look={look(microphone.on)}
        words={t(microphone.on ? "tool-mic-on" : "tool-mic-off")}
        label={t("tool-microphone")}
        shortcut={singleKeys && t("key-microphone")}
        pressed={microphone.on}
        device="mic"
        onPress={microphone.toggle}
      />
      {!view.soundOnly.on && (
        <Tool
          icon={camera.on ? "camera" : "camera-off"}
          look={look(camera.on)}
          words={cameraWords}
          label={t("tool-camera")}
          shortcut={singleKeys && "V"}
          pressed={camera.on}
          device="camera"
          onPress={camera.toggle}
        />
      )}
      {band !== "small" && <ShareTool view={view} singleKeys={singleKeys} />}
      {band !== "small" && <HandTool view={view} singleKeys={singleKeys} />}
    </>
  );
}

export function ShareTool({ view, singleKeys }: { view: MeetingView; singleKeys: boolean }) {
  const { on, toggle, ask, asked } = view.sharing;
  if (view.soundOnly.on) return null;
  if (ask) return <AskTool asked={asked} ask={ask} singleKeys={singleKeys} />;
  if (!toggle) return null;
  return (
    <Tool
      icon="screen"
      look={on && leaves(view) ? "lit" : "quiet"}
      words={t(on ? "tool-sharing" : "tool-share")}
      label={t("tool-share-label")}
      shortcut={singleKeys && "D"}
      pressed={on}
      onPress={toggle}
    />
  );
}

/** Where only hosts share, one asks. */
function AskTool(props: { asked: boolean; ask: () => void; singleKeys: boolean }) {
  return (
    <Tool
      icon="screen"
      look={props.asked ? "open" : "quiet"}
      words={t(props.asked ? "tool-share-asked" : "tool-share-ask")}
      label={t("tool-share-ask-label")}
      shortcut={props.singleKeys && "D"}
      pressed={props.asked}
      onPress={props.ask}
    />
  );
}

/** Not lit when it is up: nothing of sound or picture leaves the device by it. */
export function HandTool({ view, singleKeys }: { view: MeetingView; singleKeys: boolean }) {
  const { up, toggle } = view.hand;
  return (
    <Tool
      icon="hand"
      look={up ? "open" : "quiet"}
      words={t(up ? "tool-hand-up" : "tool-hand")}
      label={t("tool-hand-label")}
      shortcut={singleKeys && "H"}
      pressed={up}
      onPress={toggle}
    />
  );
}

interface PanelToolProps extends ToolsProps {
  readonly name: PanelName;
  readonly icon: IconName;
  readonly words: string;
  readonly shortcut?: string;
  readonly waiting?: number;
  readonly news?: number;
}

function PanelTool(props: PanelToolProps) {
  const { name, icon, words, shortcut, singleKeys, panel, onPanel, band } = props;
  const { waiting = 0, news = 0 } = props;
  const open = panel === name || (panel === "queue" && name === "people");
  return (
    <Tool
      icon={icon}
      look={open ? "open" : band === "small" ? "quiet" : "plain"}
      words={words}
      label={words}
      expanded={open}
      waiting={waiting}
      unread={news}
      onPress={() => onPanel(name)}
      {...(shortcut && singleKeys ? { shortcut } : {})}
    />
  );
}
