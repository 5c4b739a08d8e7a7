// Before the meeting: what you look like, what you are called, and what joining means. Works without
// any device. Microphone and camera stay off until they are pressed.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { JoinView, TitleField } from "../state/view.ts";
import { Icon } from "./icons.tsx";
import { useBand } from "./meeting/hooks.ts";
import { Network } from "./Network.tsx";
import { initialsOf } from "./names.ts";
import {
  Avatar,
  Chip,
  DeviceProblem,
  DeviceRow,
  Page,
  Picture,
  ProblemNote,
  Slow,
} from "./parts.tsx";
import { t } from "./words.ts";

export function Join({ view }: { view: JoinView }) {
  const beside = useBand() === "wide"; // else what can be tried comes after what must be done
  return (
    <Page class="join">
      <div class="join-head">
        <p class="over">{t("join-over")}</p>
        <h1>{view.called ? <bdi>{view.called}</bdi> : t("join-title")}</h1>
        <Facts server={view.server} />
      </div>
      <Preview view={view}>{beside && <Tries view={view} />}</Preview>
      <section class="join-form">
        {view.problem && <ProblemNote problem={view.problem} />}
        <Form view={view} />
        <Collected />
      </section>
      {!beside && <Tries view={view} />}
    </Page>
  );
}

function Facts({ server }: { server: string }) {
  return (
    <ul class="chips" aria-label={t("join-facts")}>
      <li>
        <Chip icon="lock" lit>
          {t("join-encrypted")}
        </Chip>
      </li>
      <li>
        <Chip icon="record">{t("join-not-recorded")}</Chip>
      </li>
      <li>
        <Chip icon="place">
          <bdi>{server}</bdi>
        </Chip>
      </li>
    </ul>
  );
}

function Preview({ view, children }: { view: JoinView; children: ComponentChildren }) {
  const { microphone, camera, preview } = view.devices;
  return (
    <section class="preview" aria-label={t("join-preview")}>
      <div class="preview-frame" data-picture={preview ? "on" : "off"}>
        {preview ? <Picture stream={preview} mirrored /> : <NoPicture name={view.name} />}
        <div class="preview-buttons">
          <button
            type="button"
            class="button button-float"
            data-device="mic"
            onClick={microphone.toggle}
          >
            <Icon name={microphone.on ? "microphone" : "microphone-off"} />
            {t(microphone.on ? "join-mic-off" : "join-mic-on")}
          </button>
          <button
            type="button"
            class="button button-float"
            data-device="camera"
            onClick={camera.toggle}
          >
            <Icon name={camera.on ? "camera" : "camera-off"} />
            {t(camera.on ? "join-camera-turn-off" : "join-camera-turn-on")}
          </button>
        </div>
      </div>
      {preview && <p class="under-preview">{t("join-nobody")}</p>}
      <DeviceProblem device={microphone} kind="mic" />
      <DeviceProblem device={camera} kind="camera" />
      {children}
    </section>
  );
}

/** Other devices, the speaker, the network. */
function Tries({ view }: { view: JoinView }) {
  return (
    <div class="tries">
      <DeviceRow devices={view.devices} />
      {view.network && <Network {...view.network} />}
    </div>
  );
}

function NoPicture({ name }: { name: string }) {
  const initials = initialsOf(name);
  return (
    <div class="preview-empty">
      {initials ? (
        <Avatar initials={initials} colour={0} class="avatar-large" />
      ) : (
        <span class="avatar avatar-large avatar-blank" aria-hidden="true">
          <Icon name="camera-off" size="large" />
        </span>
      )}
      <p class="preview-title">{t("join-camera-off")}</p>
      <p class="quiet">{t("join-nobody")}</p>
    </div>
  );
}

function Form({ view }: { view: JoinView }) {
  const field = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Not on a touch screen: its keyboard would hide the page before it was read.
    if (matchMedia("(pointer: fine)").matches) input.current?.focus();
  }, []);
  const how = view.opens ? "-opens" : "";
  const live = view.devices.microphone.on || view.devices.camera.on;
  const submit = (event: Event) => {
    event.preventDefault();
    if (!view.joining) view.join?.();
  };
  return (
    <form onSubmit={submit} noValidate>
      <label class="label" for={field}>
        {t("join-name")}
      </label>
      <input
        id={field}
        ref={input}
        class="field"
        type="text"
        autocomplete="name"
        dir="auto"
        value={view.name}
        aria-describedby={`${field}-hint`}
        aria-invalid={view.nameProblem !== undefined}
        onInput={(e) => view.setName(e.currentTarget.value)}
      />
      <NameHint id={`${field}-hint`} problem={view.nameProblem} opens={view.opens === true} />
      {view.title && <Title {...view.title} />}
      {view.join && (
        <button
          type="submit"
          class="button button-primary button-large wide"
          aria-disabled={view.joining}
        >
          {t(`join-${view.joining ? "joining" : "button"}${how}`)}
        </button>
      )}
      {view.joining && !view.problem && <Slow />}
      {view.join && <p class="under-button">{t(`join-${live ? "live" : "quiet"}${how}`)}</p>}
    </form>
  );
}

/** What the meeting is called: for its host, who may leave it empty. */
function Title({ text, set, problem }: TitleField) {
  const field = useId();
  return (
    <div class="join-title">
      <label class="label" for={field}>
        {t("join-called")}
      </label>
      <input
        id={field}
        class="field"
        type="text"
        autocomplete="off"
        dir="auto"
        value={text}
        aria-describedby={`${field}-hint`}
        aria-invalid={problem !== undefined}
        onInput={(e) => set(e.currentTarget.value)}
      />
      {problem ? (
        <p class="hint hint-warn" id={`${field}-hint`} role="alert">
          {t(`join-called-${problem}`)}
        </p>
      ) : (
        <p class="hint" id={`${field}-hint`}>
          {t("join-called-hint")}
        </p>
      )}
    </div>
  );
}

function NameHint(props: { id: string; problem: JoinView["nameProblem"]; opens: boolean }) {
  if (props.problem) {
    return (
      <p class="hint hint-warn" id={props.id} role="alert">
        {t(`join-name-${props.problem}`)}
      </p>
    );
  }
  return (
    <p class="hint" id={props.id}>
      {t("join-name-hint-before")}{" "}
      {props.opens ? <b>{t("join-host")}</b> : <b class="guest">{t("join-guest")}</b>}
      {t(props.opens ? "join-name-hint-after-opens" : "join-name-hint-after")}
    </p>
  );
}

function Collected() {
  return (
    <div class="collected">
      <p>
        <b>{t("join-collected")}</b> {t("join-collected-line")}
      </p>
      <p>
        <b>{t("join-not-kept")}</b> {t("join-not-kept-line")}
      </p>
      <p class="collected-key">
        <Icon name="key" size="small" />
        <span>{t("join-link-is-key")}</span>
      </p>
    </div>
  );
}
