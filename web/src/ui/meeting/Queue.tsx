// Who waits, one at a time: look, refuse, ask, or let in after a second thought. A name here is what a
// stranger typed: it stands in quotation marks, and the line below it is what we know.
import { useId, useRef, useState } from "preact/hooks";
import type { MeetingView, Waiting } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Avatar, CopyButton, Named } from "../parts.tsx";
import { t } from "../words.ts";
import { Confirm } from "./Dialogs.tsx";
import { useKeptFocus } from "./hooks.ts";
import { claimOf } from "./Knock.tsx";
import { LineField } from "./LineField.tsx";

const QUESTION_LENGTH = 200;

export function Queue({ view }: { view: MeetingView }) {
  const queue = view.queue ?? [];
  const own = view.people.find((person) => person.isSelf)?.name ?? "";
  useKeptFocus(queue.length);
  return (
    <div class="queue">
      {queue.length === 0 ? (
        <>
          <p class="queue-none">{t("queue-none")}</p>
          <CopyButton
            invite={view.invite}
            label={t("people-invite")}
            class="button-quiet button-small wide"
          />
        </>
      ) : (
        <>
          <Expected waiting={queue.filter(isExpected)} own={own} />
          <Strangers waiting={queue.filter((waiting) => !isExpected(waiting))} own={own} />
        </>
      )}
      <p class="panel-foot">
        <Icon name="eye" size="small" />
        {t("queue-trust")}
      </p>
    </div>
  );
}

/** Comes with an invite of its own, and under nobody's name. */
const isExpected = ({ invite, clash, mixed }: Waiting) => invite !== undefined && !clash && !mixed;

function Expected({ waiting, own }: { waiting: readonly Waiting[]; own: string }) {
  if (waiting.length === 0) return null;
  const open = waiting.filter(({ deciding }) => !deciding);
  const letAll = () => {
    for (const { letIn } of open) letIn();
  };
  return (
    <>
      <div class="panel-section queue-expected">
        <h3>{t("queue-expected")}</h3>
        {open.length > 1 && (
          <button type="button" class="button button-text button-small" onClick={letAll}>
            {t("queue-let-all", { count: open.length })}
          </button>
        )}
      </div>
      <List waiting={waiting} own={own} />
    </>
  );
}

function Strangers({ waiting, own }: { waiting: readonly Waiting[]; own: string }) {
  if (waiting.length === 0) return null;
  return (
    <>
      <h3 class="panel-section">{t("queue-look")}</h3>
      <List waiting={waiting} own={own} />
    </>
  );
}

function List({ waiting, own }: { waiting: readonly Waiting[]; own: string }) {
  return (
    <ul>
      {waiting.map((one) => (
        <Knocker key={one.id} waiting={one} own={own} />
      ))}
    </ul>
  );
}

function Knocker({ waiting, own }: { waiting: Waiting; own: string }) {
  const { clash, before, asked, invite, inviteShared } = waiting;
  const expected = isExpected(waiting);
  const name = useId();
  return (
    <li class="knocker">
      <Avatar initials={waiting.initials} colour={waiting.colour} unchecked={!expected} />
      <div class="knocker-words">
        <p class="person-name" id={name}>
          <Named id="queue-name" name={waiting.name} />
        </p>
        {invite !== undefined && (
          <p class="person-line person-invited knocker-line">
            <Icon name="key" size="small" />
            <span>
              <Named
                id={waiting.inviteUnnamed ? "queue-invite-number" : "queue-invite"}
                name={invite}
              />
            </span>
          </p>
        )}
        {!expected && (
          <p class="person-line person-unchecked knocker-line">
            <Icon name="alert" size="small" />
            {t(claimOf(clash))}
          </p>
        )}
        {inviteShared && <p class="note note-warn">{t("queue-invite-shared")}</p>}
        {clash && (
          <p class="note note-warn">
            <span>
              <Named id={`queue-clash-${clash}`} name={own} />
            </span>
          </p>
        )}
        {waiting.mixed && <p class="note note-warn">{t("queue-mixed")}</p>}
        {before > 0 && <p class="note note-warn">{t("queue-before", { count: before })}</p>}
        {asked !== undefined && <Asked asked={asked} answer={waiting.answer} />}
        {waiting.deciding ? (
          <p class="knocker-deciding" role="status">
            {t("queue-letting-in")}
          </p>
        ) : expected ? (
          <LetIn waiting={waiting} nameId={name} />
        ) : (
          <Decide waiting={waiting} nameId={name} />
        )}
      </div>
    </li>
  );
}

/** Both are plain text, whatever they look like. */
function Asked({ asked, answer }: { asked: string; answer: string | undefined }) {
  return (
    <div class="asked-list">
      <p>
        <span>{t("queue-asked")}</span> <bdi>{asked}</bdi>
      </p>
      <p role="status">
        <span>{t("queue-answer")}</span>{" "}
        {answer === undefined ? t("queue-no-answer") : <bdi>{answer}</bdi>}
      </p>
    </div>
  );
}

/** One press is enough for who was invited. */
function LetIn({ waiting, nameId }: { waiting: Waiting; nameId: string }) {
  return (
    <div class="knocker-actions">
      <button
        type="button"
        class="button button-primary button-small"
        aria-describedby={nameId}
        onClick={waiting.letIn}
      >
        {t("queue-let-in-now")}
      </button>
      <button
        type="button"
        class="button button-quiet button-small"
        aria-describedby={nameId}
        onClick={waiting.refuse}
      >
        {t("queue-refuse")}
      </button>
    </div>
  );
}

function Decide({ waiting, nameId }: { waiting: Waiting; nameId: string }) {
  const [open, setOpen] = useState<"question" | "let-in">();
  const ask = useRef<HTMLButtonElement>(null);
  const close = () => setOpen(undefined);
  const closeQuestion = () => {
    close();
    ask.current?.focus();
  };
  return (
    <>
      <div class="knocker-actions">
        <button
          type="button"
          class="button button-quiet button-small"
          aria-describedby={nameId}
          onClick={waiting.refuse}
        >
          {t("queue-refuse")}
        </button>
        <button
          type="button"
          ref={ask}
          class="button button-quiet button-small"
          aria-describedby={nameId}
          aria-expanded={open === "question"}
          onClick={() => setOpen(open === "question" ? undefined : "question")}
        >
          {t("queue-ask")}
        </button>
        <button
          type="button"
          class="button button-text button-small"
          aria-describedby={nameId}
          aria-haspopup="dialog"
          onClick={() => setOpen("let-in")}
        >
          {t("queue-let-in")}
        </button>
      </div>
      {open === "question" && <Question ask={waiting.ask} onClose={closeQuestion} />}
      {open === "let-in" && (
        <Confirm
          title={<Named id="let-in-title" name={waiting.name} />}
          line={t("let-in-line")}
          yes={t("let-in-yes")}
          onYes={() => {
            close();
            waiting.letIn();
          }}
          onNo={close}
        />
      )}
    </>
  );
}

function Question(props: { ask: (question: string) => void; onClose: () => void }) {
  const [text, setText] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    const question = text.trim();
    if (question === "") return;
    props.ask(question);
    props.onClose();
  };
  return (
    <form class="knocker-question" onSubmit={submit} noValidate>
      <LineField
        label={t("queue-question")}
        hint={t("queue-question-hint")}
        maxLength={QUESTION_LENGTH}
        text={text}
        onText={setText}
      />
      <div class="knocker-actions">
        <button type="submit" class="button button-primary button-small">
          {t("queue-send")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={props.onClose}>
          {t("queue-cancel")}
        </button>
      </div>
    </form>
  );
}
