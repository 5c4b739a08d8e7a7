// Between asking and being let in: what the host was told, one's own name and devices, what the door
// asks. Nothing of the inside is here to be drawn.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { DeviceView, WaitingView } from "../state/view.ts";
import catalogue from "../strings/waiting.en.ftl";
import { Icon } from "./icons.tsx";
import { Avatar, clockText, DeviceProblem, Door, Level, Page, Picture, useNow } from "./parts.tsx";
import { addWords, t } from "./words.ts";

addWords(catalogue);

const LONG_MS = 10 * 60_000;
const ANSWER_LENGTH = 200;

export function Waiting({ view }: { view: WaitingView }) {
  const state = stateOf(view);
  const [sent, setSent] = useState<"answer" | "passcode">();
  const { question, passcode } = view;
  const waits = useNow(1000) - view.waitingSince;
  return (
    <Page class="waiting" action={<Leave onPress={view.leave} />}>
      <Door ajar={AJAR.has(state)} />
      {view.title && (
        <p class="over">
          <bdi>{view.title}</bdi>
        </p>
      )}
      <h1>{t(`waiting-${state}`)}</h1>
      <p class="lead">{t(`waiting-${state}-line`)}</p>
      {passcode && (
        <Passcode key={passcode.asked} {...passcode} onSent={() => setSent("passcode")} />
      )}
      {question && <Question key={question.text} {...question} onSent={() => setSent("answer")} />}
      <Oneself view={view} />
      <ul class="chips waiting-chips">
        <li class="chip">
          <Icon name="clock" />
          <span class="waiting-time" role="timer">
            {t("waiting-time")} {clockText(Math.max(0, Math.floor(waits / 1000)))}
          </span>
        </li>
        <li class={view.connected ? "chip" : "chip chip-warn"}>
          <Icon name={view.connected ? "signal" : "offline"} />
          {t(view.connected ? "waiting-ready" : "waiting-again")}
        </li>
      </ul>
      <p class="hint">
        {t("waiting-nothing")} {t("waiting-sound")}
      </p>
      {waits >= LONG_MS && (
        <p class="note waiting-long">
          <Icon name="clock" />
          {t("waiting-long")}
        </p>
      )}
      <Said view={view} sent={sent} long={waits >= LONG_MS} />
    </Page>
  );
}

type State =
  | "told"
  | "back"
  | "cut"
  | "unattended"
  | "locked"
  | "full"
  | "passcode"
  | "own"
  | "hidden"
  | "lost";

const AJAR: ReadonlySet<State> = new Set<State>(["told", "back", "cut", "full"]);

function stateOf(view: WaitingView): State {
  if (!view.connected) return "lost";
  if (view.passcode?.asked === "hidden") return "hidden";
  if (view.passcode && view.own) return "own";
  if (view.cutOff && !view.passcode) return "cut";
  if (view.locked) return "locked";
  if (view.passcode) return "passcode";
  if (!view.attended) return "unattended";
  if (view.full) return "full";
  return view.movedBack ? "back" : "told";
}

function Leave({ onPress }: { onPress: () => void }) {
  return (
    <button type="button" class="button button-line" onClick={onPress}>
      <Icon name="leave" />
      {t("waiting-leave")}
    </button>
  );
}

interface SaidProps {
  readonly view: WaitingView;
  readonly sent: "answer" | "passcode" | undefined;
  readonly long: boolean;
}

/** What changed is read out, each part when it changes. */
function Said({ view, sent, long }: SaidProps) {
  const { question, passcode } = view;
  return (
    <div class="unseen" role="status" aria-live="polite" aria-atomic="false">
      <p>{t(`waiting-${stateOf(view)}`)}</p>
      <p>{question ? `${t("waiting-question")}: ${question.text}` : ""}</p>
      <p>{sent === "answer" && !question ? t("waiting-answered") : ""}</p>
      <p>{sent === "passcode" && !passcode ? t("waiting-code-sent") : ""}</p>
      <p>{long ? t("waiting-long") : ""}</p>
    </div>
  );
}

function Oneself({ view }: { view: WaitingView }) {
  const { microphone, camera, preview, level } = view.devices;
  return (
    <section class="card waiting-card" aria-label={t("waiting-you")}>
      <div class="waiting-row">
        <Avatar initials={view.initials} colour={view.colour} unchecked />
        <p class="person-words">
          <span class="person-name">
            <bdi>{view.name}</bdi>
          </span>
          <span class="person-line">{t(view.own ? "waiting-host" : "waiting-guest")}</span>
        </p>
        {view.changeName && (
          <button
            type="button"
            class="button button-text button-small"
            aria-label={t("waiting-change-name")}
            onClick={view.changeName}
          >
            {t("waiting-change")}
          </button>
        )}
      </div>
      <DeviceLine device={microphone} kind="mic">
        {microphone.on && <Level level={level} />}
      </DeviceLine>
      <DeviceLine device={camera} kind="camera" />
      {preview && (
        <section class="waiting-preview" aria-label={t("waiting-preview")}>
          <Picture stream={preview} mirrored />
        </section>
      )}
    </section>
  );
}

function DeviceLine(props: {
  device: DeviceView;
  kind: "mic" | "camera";
  children?: ComponentChildren;
}) {
  const { device, kind } = props;
  const on = device.on ? "on" : "off";
  const turn = device.on ? "off" : "on";
  const icon = kind === "mic" ? "microphone" : "camera";
  return (
    <>
      <div class="waiting-row">
        <span class="waiting-icon">
          <Icon name={device.on ? icon : `${icon}-off`} />
        </span>
        <span class="person-words">
          {t(`waiting-${kind}-${on}`)}
          {props.children}
        </span>
        <button
          type="button"
          class="button button-quiet button-small"
          data-device={kind}
          aria-label={t(`waiting-turn-${kind}-${turn}`)}
          onClick={device.toggle}
        >
          {t(`waiting-turn-${turn}`)}
        </button>
      </div>
      <DeviceProblem device={device} kind={kind} />
    </>
  );
}

/** What the host wants to know. The answer is plain text, for the host alone. */
function Question(props: { text: string; answer: (text: string) => void; onSent: () => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    const answer = text.trim();
    if (answer === "") return;
    props.answer(answer);
    props.onSent();
  };
  return (
    <form class="card waiting-asks" onSubmit={submit} noValidate>
      <h2>{t("waiting-question")}</h2>
      <p class="asked">
        <bdi>{props.text}</bdi>
      </p>
      <label class="label" for={id}>
        {t("waiting-answer")}
      </label>
      <input
        id={id}
        class="field"
        type="text"
        autocomplete="off"
        dir="auto"
        maxLength={ANSWER_LENGTH}
        value={text}
        aria-describedby={`${id}-hint`}
        onInput={(e) => setText(e.currentTarget.value)}
      />
      <p class="hint" id={`${id}-hint`}>
        {t("waiting-answer-hint")}
      </p>
      <button type="submit" class="button button-primary">
        {t("waiting-answer-send")}
      </button>
    </form>
  );
}

function Passcode(props: NonNullable<WaitingView["passcode"]> & { onSent: () => void }) {
  const wrong = props.asked === "wrong";
  const id = useId();
  const [text, setText] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (text === "") return;
    props.enter(text);
    props.onSent();
  };
  return (
    <form class="card waiting-asks" onSubmit={submit} noValidate>
      <label class="label" for={id}>
        {t("waiting-code")}
      </label>
      <input
        id={id}
        class="field"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        dir="ltr"
        value={text}
        aria-invalid={wrong}
        aria-describedby={`${id}-hint`}
        onInput={(e) => setText(e.currentTarget.value)}
      />
      {wrong ? (
        <p class="hint hint-warn" id={`${id}-hint`} role="alert">
          {t("waiting-code-wrong")}
        </p>
      ) : (
        <p class="hint" id={`${id}-hint`}>
          {t("waiting-code-hint")}
        </p>
      )}
      <button type="submit" class="button button-primary">
        {t("waiting-code-enter")}
      </button>
    </form>
  );
}
