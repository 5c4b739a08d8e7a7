// What opens beside the stage, or over it where there is no room, and the small panels: devices, more.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { MeetingView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { CopyButton, DeviceProblem, DeviceRow } from "../parts.tsx";
import { t } from "../words.ts";
import { Chat } from "./Chat.tsx";
import type { Band } from "./hooks.ts";
import { PathPanel } from "./Path.tsx";
import { People } from "./People.tsx";
import { Queue } from "./Queue.tsx";
import { Security, StopEverything } from "./Security.tsx";
import { Switch } from "./Switch.tsx";
import { Badge, HandTool, ShareTool, unreadWords } from "./Tools.tsx";

export type PanelName =
  | "people"
  | "queue"
  | "chat"
  | "security"
  | "connection"
  | "settings"
  | "more";

export interface PanelProps {
  readonly view: MeetingView;
  readonly name: PanelName;
  readonly band: Band;
  readonly singleKeys: boolean;
  readonly onSingleKeys: (on: boolean) => void;
  readonly readChat: boolean;
  readonly onReadChat: (on: boolean) => void;
  readonly unread: number;
  readonly draft: string; // of a message
  readonly onDraft: (draft: string) => void;
  readonly onKeyList: () => void;
  readonly onWhere: () => void;
  readonly onPanel: (name: PanelName) => void;
  readonly onClose: () => void;
}

export function Panel(props: PanelProps) {
  const body = {
    people: <People view={props.view} onQueue={() => props.onPanel("queue")} />,
    queue: <Queue view={props.view} />,
    chat: <Chat {...props} chat={props.view.chat} />,
    security: <Security view={props.view} onWhere={props.onWhere} />,
    connection: <PathPanel view={props.view} />,
    settings: <Settings {...props} />,
    more: <More {...props} />,
  }[props.name];
  return (
    <Frame
      name={props.name}
      title={titleOf(props)}
      over={isOver(props.band)}
      onClose={props.onClose}
    >
      {body}
    </Frame>
  );
}

/** Is there no room for a panel beside the stage? */
export const isOver = (band: Band) => band !== "wide";

function titleOf({ name, view }: PanelProps): ComponentChildren {
  switch (name) {
    case "people":
      return (
        <>
          {t("people-title")} <span class="panel-count">{view.people.length}</span>
        </>
      );
    case "queue":
      return (
        <>
          {t("queue-title")} <span class="panel-count">{view.queue?.length ?? 0}</span>
        </>
      );
    case "chat":
      return t("chat-title");
    case "security":
      return t("security-title");
    case "connection":
      return t("path-title");
    case "settings":
      return t("settings-title");
    case "more":
      return t("tool-more");
  }
}

interface FrameProps {
  readonly name: PanelName;
  readonly title: ComponentChildren;
  readonly over: boolean; // the stage, which rests then: the focus stays inside, a press beside closes
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

const MODAL = { role: "dialog", "aria-modal": true } as const;

/** The same element beside the stage and over it: when the window changes its width, what is typed,
 * opened or asked in it stays. Nor is it a modal dialog, which would lie over the questions that are
 * open already and keep what happens meanwhile from being read out. */
function Frame({ name, title, over, onClose, children }: FrameProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (over && document.activeElement?.closest("#panel, dialog") === null) panel.current?.focus();
  }, [over]);
  const before = useRef(name);
  useEffect(() => {
    const lost = before.current !== name && document.activeElement === document.body;
    if (lost) panel.current?.focus(); // what had the focus went with the panel before
    before.current = name;
  }, [name]);
  useCloseRequest(onClose);
  return (
    <>
      {over && (
        // biome-ignore lint/a11y/useKeyWithClickEvents: Esc does the same
        // biome-ignore lint/a11y/noStaticElementInteractions: and so does the button in the panel
        <div class="panel-beside" onClick={onClose} />
      )}
      <section
        class={over ? "panel panel-over" : "panel"}
        id="panel"
        {...(over ? MODAL : { role: "complementary" as const })}
        aria-labelledby="panel-title"
        tabIndex={-1}
        ref={panel}
      >
        <div class="panel-head">
          <h2 id="panel-title">{title}</h2>
          <button type="button" class="icon-button" aria-label={t("close")} onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <div class="panel-body">{children}</div>
      </section>
    </>
  );
}

declare global {
  interface Window {
    readonly CloseWatcher?: new () => { onclose: (() => void) | null; destroy(): void };
  }
}

/** The way back of a phone closes it, too, where the browser tells. Watched from the beginning on: what
 * is opened later is closed first. */
function useCloseRequest(onClose: () => void): void {
  const latest = useRef(onClose);
  latest.current = onClose;
  useEffect(() => {
    if (!window.CloseWatcher) return;
    const watcher = new window.CloseWatcher();
    watcher.onclose = () => latest.current();
    return () => watcher.destroy();
  }, []);
}

/** A modal dialog that is open while it is drawn. A press beside it closes it. */
export function useModal(onClose: () => void) {
  const dialog = useRef<HTMLDialogElement>(null);
  const latest = useRef(onClose);
  latest.current = onClose;
  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const cancel = (event: Event) => {
      event.preventDefault();
      latest.current();
    };
    const beside = (event: Event) => {
      if (event.target === element) latest.current();
    };
    const opener = document.activeElement;
    element.addEventListener("cancel", cancel);
    element.addEventListener("click", beside);
    element.showModal();
    return () => {
      element.removeEventListener("cancel", cancel);
      element.removeEventListener("click", beside);
      element.close();
      // Where the browser has not done it, as of a dialog that is out of the page already.
      if (opener instanceof HTMLElement && document.activeElement === document.body) opener.focus();
    };
  }, []);
  return dialog;
}

function Settings(props: PanelProps) {
  const { devices } = props.view;
  return (
    <>
      <DeviceRow devices={devices} />
      <DeviceProblem device={devices.microphone} kind="mic" inside />
      <DeviceProblem device={devices.camera} kind="camera" inside />
      <Switch name="settings-sound-only" {...props.view.soundOnly} />
      <Switch
        name="settings-read-chat"
        on={props.readChat}
        toggle={() => props.onReadChat(!props.readChat)}
      />
      {props.band !== "small" && (
        <>
          <Switch
            name="settings-keys"
            on={props.singleKeys}
            toggle={() => props.onSingleKeys(!props.singleKeys)}
          />
          <button
            type="button"
            class="button button-quiet button-small wide"
            onClick={props.onKeyList}
          >
            {t("settings-keys-list")}
          </button>
        </>
      )}
    </>
  );
}

/** On a phone: what does not fit beside mic, camera and leave. */
function More(props: PanelProps) {
  const waiting = props.view.queue?.length ?? 0;
  return (
    <div class="more">
      <ShareTool view={props.view} singleKeys={props.singleKeys} />
      <HandTool view={props.view} singleKeys={props.singleKeys} />
      <button type="button" class="tool tool-quiet" onClick={() => props.onPanel("people")}>
        <Icon name="people" />
        {waiting > 0 && <Badge count={waiting} />}
        <span class="tool-words">{t("tool-people")}</span>
        {waiting > 0 && <span class="unseen">{t("tool-waiting", { count: waiting })}</span>}
      </button>
      <button type="button" class="tool tool-quiet" onClick={() => props.onPanel("chat")}>
        <Icon name="chat" />
        {props.unread > 0 && <Badge count={props.unread} look="unread" />}
        <span class="tool-words">{t("tool-chat")}</span>
        {props.unread > 0 && <span class="unseen">{unreadWords(props.unread)}</span>}
      </button>
      <button type="button" class="tool tool-quiet" onClick={() => props.onPanel("security")}>
        <Icon name="shield" />
        <span class="tool-words">{t("tool-security")}</span>
      </button>
      <button type="button" class="tool tool-quiet" onClick={() => props.onPanel("connection")}>
        <Icon name="signal" />
        <span class="tool-words">{t("path-title")}</span>
      </button>
      <button type="button" class="tool tool-quiet" onClick={() => props.onPanel("settings")}>
        <Icon name="settings" />
        <span class="tool-words">{t("tool-settings")}</span>
      </button>
      <CopyButton invite={props.view.invite} label={t("people-invite")} class="button-quiet wide" />
      <StopEverything view={props.view} />
    </div>
  );
}
