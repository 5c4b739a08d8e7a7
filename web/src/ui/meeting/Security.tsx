// What is true of the keys and the door. Guests read it; hosts change it here.
import { useState } from "preact/hooks";
import type { ComparingView, MeetingView, Person, SecurityView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { CopyButton, Named } from "../parts.tsx";
import { t } from "../words.ts";
import { Confirm } from "./Dialogs.tsx";
import { Invites, Passcode } from "./Invites.tsx";
import { Switch } from "./Switch.tsx";
import { TitleSetting } from "./TitleSetting.tsx";

export function Security({ view, onWhere }: { view: MeetingView; onWhere: () => void }) {
  const { security, comparing } = view;
  const { passcode, setPasscode, invites } = security;
  return (
    <>
      <Warnings view={view} />
      <Truth security={security} comparing={comparing} />
      <div class="security-looks">
        <button type="button" class="button button-quiet button-small" onClick={comparing.begin}>
          {t("words-compare")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={onWhere}>
          {t("where-open")}
        </button>
      </div>
      <h3 class="panel-section">{t("security-getting-in")}</h3>
      <WaitingRoom security={security} />
      {security.lock ? (
        <Lock on={security.locked} lock={security.lock} />
      ) : (
        <State name="security-lock" on={security.locked} />
      )}
      {setPasscode ? (
        <Passcode on={passcode} set={setPasscode} />
      ) : (
        <State name="security-passcode" line="security-passcode-line" on={passcode} />
      )}
      <Link view={view} />
      {invites && <Invites invites={invites} />}
      <StraightIn security={security} />
      <h3 class="panel-section">{t("security-people-can")}</h3>
      <PeopleCan security={security} />
      <Title title={view.title} security={security} />
      <StopEverything view={view} />
    </>
  );
}

/** Who cannot change it sees it where there is one. */
function Title({ title, security }: { title: string; security: SecurityView }) {
  const { titleShown, setTitle, showTitle } = security;
  if (title === "" && !setTitle) return null;
  const line = titleShown ? "security-title-shown" : "security-title-hidden";
  return (
    <>
      <h3 class="panel-section">{t("security-this-meeting")}</h3>
      <TitleSetting title={title} {...(setTitle ? { set: setTitle } : {})} />
      {showTitle ? (
        <Switch
          name="security-title-show"
          line={line}
          on={titleShown}
          toggle={() => showTitle(!titleShown)}
        />
      ) : (
        <State name="security-title-show" line={line} on={titleShown} />
      )}
    </>
  );
}

/** Who can see and hear this: said for sure only while somebody confirms the keys. */
function Truth(props: { security: SecurityView; comparing: ComparingView }) {
  const { silenced, keyHolders } = props.security;
  const { matched, differing } = props.comparing;
  const doubtful = silenced || differing.length > 0;
  return (
    <div class={doubtful ? "note" : "note note-accent"}>
      <Icon name={doubtful ? "key" : "lock"} />
      <div class="note-text truth">
        <p class="truth-line">
          {t(silenced ? "security-truth-silenced" : "security-truth", { count: keyHolders })}
        </p>
        <p>{t(matched ? "words-match" : "security-server")}</p>
      </div>
    </div>
  );
}

function Warnings({ view: { security, comparing, people } }: { view: MeetingView }) {
  const { silenced, elsewhere } = security;
  const of = (check: string) => people.filter((one) => one.check === check).map((one) => one.name);
  return (
    <>
      <Warning id="alarm-words" names={comparing.differing} />
      <Warning id="alarm-different" names={of("different")} line="alarm-words-line" />
      <Warning id="alarm-changed" names={of("changed")} />
      {silenced && (
        <div class="note note-alarm">
          <Icon name="alert" />
          <div class="note-text">
            <p class="truth-line">{t("alarm-silenced")}</p>
            <p>{t("alarm-silenced-line")}</p>
          </div>
        </div>
      )}
      <Warning id="alarm-elsewhere" names={elsewhere} />
    </>
  );
}

function Warning(props: { id: string; names: readonly string[]; line?: string }) {
  const { id, names, line = `${id}-line` } = props;
  if (names.length === 0) return null;
  return (
    <div class="note note-alarm">
      <Icon name="alert" />
      <div class="note-text">
        <p class="truth-line">
          <Named id={id} name={names} />
        </p>
        <p>{t(line)}</p>
      </div>
    </div>
  );
}

/** Off lets in whoever has the link: not without a second thought. */
function WaitingRoom({ security: { waitingRoom, setWaitingRoom } }: { security: SecurityView }) {
  const [asks, setAsks] = useState(false);
  const line = waitingRoom ? "security-waiting-room-line" : "security-waiting-room-open";
  if (!setWaitingRoom) return <State name="security-waiting-room" line={line} on={waitingRoom} />;
  const toggle = () => (waitingRoom ? setAsks(true) : setWaitingRoom(true));
  return (
    <>
      <Switch name="security-waiting-room" line={line} on={waitingRoom} toggle={toggle} />
      {asks && (
        <Confirm
          title={t("waiting-room-off-title")}
          line={t("waiting-room-off-line")}
          yes={t("waiting-room-off-yes")}
          onYes={() => {
            setAsks(false);
            setWaitingRoom(false);
          }}
          onNo={() => setAsks(false)}
        />
      )}
    </>
  );
}

/** Past the waiting room; without one nobody is asked about anyway. */
function StraightIn({ security }: { security: SecurityView }) {
  const { waitingRoom, straightIn, setStraightIn } = security;
  const name = "security-straight-in";
  const line = straightIn ? `${name}-on` : `${name}-off`;
  if (!waitingRoom) return null;
  return setStraightIn ? (
    <Switch name={name} line={line} on={straightIn} toggle={() => setStraightIn(!straightIn)} />
  ) : (
    <State name={name} line={line} on={straightIn} />
  );
}

function PeopleCan({ security: { allowed, allow } }: { security: SecurityView }) {
  const settings = ["speak", "share", "chat", "link"] as const;
  return (
    <>
      {settings.map((what) => {
        const name = `security-can-${what}`;
        const on = allowed[what];
        const line = on ? `${name}-on` : `${name}-off`;
        return allow ? (
          <Switch key={what} name={name} line={line} on={on} toggle={() => allow(what, !on)} />
        ) : (
          <State key={what} name={name} line={line} on={on} />
        );
      })}
    </>
  );
}

/** One press, without a question, and one to undo it. Who is chosen before is taken out by it, too. */
export function StopEverything({ view }: { view: MeetingView }) {
  const { stop, undo } = view.security;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const others = view.people.filter(({ remove }) => remove);
  const out = others.filter(({ id }) => chosen.has(id)).map(({ id }) => id);
  const stopNow = () => {
    stop?.(out);
    setChosen(new Set());
  };
  if (!stop && !undo) return null;
  return (
    <div class="panel-foot security-stop">
      {undo ? (
        <button type="button" class="button button-quiet wide" onClick={undo}>
          {t("security-stop-undo")}
        </button>
      ) : (
        <button type="button" class="button button-danger wide" onClick={stopNow}>
          {t("security-stop")}
        </button>
      )}
      <p role="status">{t(undo ? "security-stopped" : "security-stop-line")}</p>
      {stop && others.length > 0 && (
        <TakeOut people={others} out={out} choose={(ids) => setChosen(new Set(ids))} />
      )}
    </div>
  );
}

interface TakeOutProps {
  readonly people: readonly Person[];
  readonly out: readonly string[];
  readonly choose: (ids: readonly string[]) => void;
}

function TakeOut({ people, out, choose }: TakeOutProps) {
  const toggle = (id: string) =>
    choose(out.includes(id) ? out.filter((one) => one !== id) : [...out, id]);
  return (
    <details class="stop-out">
      <summary>{t("security-stop-out", { count: out.length })}</summary>
      <ul>
        {people.map(({ id, name }) => (
          <li key={id}>
            <label>
              <input type="checkbox" checked={out.includes(id)} onChange={() => toggle(id)} />
              <bdi>{name}</bdi>
            </label>
          </li>
        ))}
      </ul>
      <p>{t("security-stop-out-line")}</p>
    </details>
  );
}

function Lock({ on, lock }: { on: boolean; lock: (on: boolean) => void }) {
  return <Switch name="security-lock" on={on} toggle={() => lock(!on)} />;
}

/** A setting that one cannot change here. */
function State({ name, line = `${name}-line`, on }: { name: string; line?: string; on: boolean }) {
  return (
    <div class="setting">
      <span class="setting-words">
        <span class="setting-name">{t(name)}</span>
        <span class="setting-line">{t(line)}</span>
      </span>
      <span class="setting-state">{t(on ? "security-on" : "security-off")}</span>
    </div>
  );
}

function Link({ view: { security, invite } }: { view: MeetingView }) {
  const [asks, setAsks] = useState(false);
  const { replaceLink, replaced } = security;
  const line =
    replaced > 0 ? t("security-link-replaced", { count: replaced }) : t("security-link-first");
  return (
    <div class="setting setting-link">
      <span class="setting-words">
        <span class="setting-name">{t("security-link")}</span>
        <span class="setting-line">{line}</span>
      </span>
      <span class="setting-buttons">
        <CopyButton invite={invite} label={t("invite-copy")} class="button-quiet button-small" />
        {replaceLink && (
          <button
            type="button"
            class="button button-quiet button-small"
            aria-haspopup="dialog"
            onClick={() => setAsks(true)}
          >
            <Icon name="again" size="small" />
            {t("security-replace")}
          </button>
        )}
      </span>
      {asks && replaceLink && (
        <Confirm
          title={t("replace-title")}
          line={t("replace-line")}
          yes={t("replace-yes")}
          onYes={() => {
            setAsks(false);
            replaceLink();
          }}
          onNo={() => setAsks(false)}
        />
      )}
    </div>
  );
}
