// What opens beside the stage, or over it where there is no room: people, the truth, devices, more.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { MeetingView, Person } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Avatar, CopyButton, DeviceProblem, DeviceRow } from "../parts.tsx";
import { t } from "../words.ts";
import type { Band } from "./hooks.ts";
import { ShareTool } from "./Tools.tsx";

export type PanelName = "people" | "truth" | "settings" | "more";

export interface PanelProps {
  readonly view: MeetingView;
  readonly name: PanelName;
  readonly band: Band;
  readonly singleKeys: boolean;
  readonly onSingleKeys: (on: boolean) => void;
  readonly onKeyList: () => void;
  readonly onPanel: (name: PanelName) => void;
  readonly onClose: () => void;
}

export function Panel(props: PanelProps) {
  const body = {
    people: <People view={props.view} />,
    truth: <Truth view={props.view} />,
    settings: <Settings {...props} />,
    more: <More {...props} />,
  }[props.name];
  const frame = { title: titleOf(props), onClose: props.onClose, children: body };
  return props.band === "wide" ? <Beside {...frame} /> : <Over {...frame} />;
}

function titleOf({ name, view }: PanelProps): ComponentChildren {
  switch (name) {
    case "people":
      return (
        <>
          {t("people-title")} <span class="panel-count">{view.people.length}</span>
        </>
      );
    case "truth":
      return t("truth-title");
    case "settings":
      return t("settings-title");
    case "more":
      return t("tool-more");
  }
}

interface FrameProps {
  readonly title: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

function Head({ title, onClose }: FrameProps) {
  return (
    <div class="panel-head">
      <h2 id="panel-title">{title}</h2>
      <button type="button" class="icon-button" aria-label={t("close")} onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
}

function Beside(props: FrameProps) {
  return (
    <aside class="panel" id="panel" aria-labelledby="panel-title" tabIndex={-1}>
      <Head {...props} />
      <div class="panel-body">{props.children}</div>
    </aside>
  );
}

/** Over the stage: the focus stays inside, Esc closes. */
function Over(props: FrameProps) {
  const dialog = useModal(props.onClose);
  return (
    <dialog class="panel panel-over" id="panel" aria-labelledby="panel-title" ref={dialog}>
      <Head {...props} />
      <div class="panel-body">{props.children}</div>
    </dialog>
  );
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
    element.addEventListener("cancel", cancel);
    element.addEventListener("click", beside);
    element.showModal();
    return () => {
      element.removeEventListener("cancel", cancel);
      element.removeEventListener("click", beside);
      element.close();
    };
  }, []);
  return dialog;
}

function People({ view }: { view: MeetingView }) {
  return (
    <>
      <CopyButton
        invite={view.invite}
        label={t("people-invite")}
        class="button-quiet button-small wide"
      />
      <h3 class="panel-section">
        <span>{t("people-in")}</span>
        <span>{view.people.length}</span>
      </h3>
      <ul class="people">
        {view.people.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
    </>
  );
}

function PersonRow({ person }: { person: Person }) {
  const checked = person.isSelf ? "people-you" : person.isHost ? "people-host" : "people-guest";
  const microphone = person.microphoneOn ? "people-mic-on" : "people-mic-off";
  return (
    <li class="person" data-row={person.id}>
      <Avatar initials={person.initials} colour={person.colour} unchecked={!person.isSelf} />
      <span class="person-words">
        <bdi class="person-name">{person.name}</bdi>
        <span class={person.isSelf ? "person-line" : "person-line person-unchecked"}>
          {person.reconnecting ? t("people-reconnecting") : t(checked)}
          {person.away && !person.reconnecting && ` · ${t("people-away")}`}
        </span>
      </span>
      <span class={person.microphoneOn ? "person-mic person-mic-on" : "person-mic"}>
        <Icon name={person.microphoneOn ? "microphone" : "microphone-off"} />
        <span class="unseen">{t(person.speaking ? "people-speaking" : microphone)}</span>
      </span>
    </li>
  );
}

function Truth({ view }: { view: MeetingView }) {
  const server = view.invite.address.split("/")[0] ?? "";
  return (
    <>
      <div class="note note-accent">
        <Icon name="lock" />
        <p class="note-text">{t("truth-line", { count: view.people.length })}</p>
      </div>
      <ul class="truths">
        <li>{t("truth-link")}</li>
        <li>{t("truth-names")}</li>
        <li>{t("truth-server", { server })}</li>
        <li>{t("truth-kept")}</li>
      </ul>
    </>
  );
}

function Settings(props: PanelProps) {
  const { devices } = props.view;
  return (
    <>
      <DeviceRow devices={devices} />
      <DeviceProblem device={devices.microphone} kind="mic" />
      <DeviceProblem device={devices.camera} kind="camera" />
      <Switch name="sound-only" {...props.view.soundOnly} />
      {props.band !== "small" && (
        <>
          <Switch
            name="keys"
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

function Switch({ name, on, toggle }: { name: string; on: boolean; toggle: () => void }) {
  return (
    <div class="setting">
      <span class="setting-words">
        <span class="setting-name" id={`switch-${name}`}>
          {t(`settings-${name}`)}
        </span>
        <span class="setting-line">{t(`settings-${name}-line`)}</span>
      </span>
      <button
        type="button"
        class={on ? "switch switch-on" : "switch"}
        role="switch"
        aria-checked={on}
        aria-labelledby={`switch-${name}`}
        onClick={toggle}
      />
    </div>
  );
}

/** On a phone: what does not fit beside mic, camera and leave. */
function More(props: PanelProps) {
  return (
    <div class="more">
      <ShareTool view={props.view} singleKeys={props.singleKeys} />
      <button type="button" class="tool tool-quiet" onClick={() => props.onPanel("people")}>
        <Icon name="people" />
        <span class="tool-words">{t("tool-people")}</span>
      </button>
      <button type="button" class="tool tool-quiet" onClick={() => props.onPanel("settings")}>
        <Icon name="settings" />
        <span class="tool-words">{t("tool-settings")}</span>
      </button>
      <CopyButton invite={props.view.invite} label={t("people-invite")} class="button-quiet wide" />
    </div>
  );
}
