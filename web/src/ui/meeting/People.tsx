// Who is in the meeting, what is known of each, and what a host may do about it.
import { useId, useRef, useState } from "preact/hooks";
import { folded } from "../../state/names.ts";
import type { MeetingView, Person } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Avatar, CopyButton, Named } from "../parts.tsx";
import { t } from "../words.ts";
import { ClaimLine, isUnchecked } from "./Checked.tsx";
import { Confirm } from "./Dialogs.tsx";
import { useKeptFocus } from "./hooks.ts";

export function People({ view, onQueue }: { view: MeetingView; onQueue: () => void }) {
  const waiting = view.queue?.length ?? 0;
  const [search, setSearch] = useState("");
  useKeptFocus(view.people.length);
  const wanted = view.people.filter(({ name }) => folded(name).includes(folded(search)));
  const hands = wanted.filter(({ hand }) => hand > 0).sort((a, b) => a.hand - b.hand);
  const rest = wanted.filter(({ hand }) => hand === 0);
  return (
    <>
      {waiting > 0 && (
        <button type="button" class="people-waiting" onClick={onQueue}>
          <span>{t("knock-many", { count: waiting })}</span>
          <span class="people-look">{t("knock-look")}</span>
        </button>
      )}
      <div class="security-looks">
        <CopyButton
          invite={view.invite}
          label={t("people-invite")}
          class="button-quiet button-small"
        />
        <button
          type="button"
          class="button button-quiet button-small"
          onClick={view.comparing.begin}
        >
          <Icon name="shield" />
          {t("words-compare")}
        </button>
      </div>
      {view.people.length > SEARCH_FROM && <Search text={search} onText={setSearch} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what has the focus are the buttons in it */}
      <div onKeyDown={moveAmongButtons}>
        <List title={t("people-hands")} people={hands} />
        <List title={t("people-in")} people={rest} />
      </div>
      {hands.length + rest.length === 0 && <p class="chat-hint">{t("people-none")}</p>}
    </>
  );
}

/** Up and down go from row to row, and through the menu of a row that is open. */
function moveAmongButtons(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const { currentTarget: rows, target } = event;
  if (step === 0 || !(rows instanceof HTMLElement && target instanceof HTMLButtonElement)) return;
  if (target.closest("dialog")) return;
  const all = [...rows.querySelectorAll("button")];
  const at = all.indexOf(target);
  all[at + step]?.focus();
  event.preventDefault(); // else the list would scroll at its ends
}

const SEARCH_FROM = 50; // people

function Search({ text, onText }: { text: string; onText: (text: string) => void }) {
  const id = useId();
  return (
    <div class="people-search">
      <label class="label" for={id}>
        {t("people-search")}
      </label>
      <input
        id={id}
        class="field"
        type="search"
        autocomplete="off"
        dir="auto"
        value={text}
        onInput={(e) => onText(e.currentTarget.value)}
      />
    </div>
  );
}

function List({ title, people }: { title: string; people: readonly Person[] }) {
  if (people.length === 0) return null;
  return (
    <>
      <h3 class="panel-section">
        <span>{title}</span>
        <span>{people.length}</span>
      </h3>
      <ul class="people">
        {people.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </ul>
    </>
  );
}

function PersonRow({ person }: { person: Person }) {
  const menu = useId();
  const [open, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation(); // the panel stays
    setOpen(false);
    opener.current?.focus();
  };
  const microphone = person.microphoneOn ? "people-mic-on" : "people-mic-off";
  return (
    <li data-row={person.id} onKeyDown={close}>
      <div class="person">
        <Avatar initials={person.initials} colour={person.colour} unchecked={isUnchecked(person)} />
        <span class="person-words">
          <span class="person-head">
            <bdi class="person-name">{person.name}</bdi>{" "}
            {person.isHost && <span class="person-host">{t("people-tag-host")}</span>}
          </span>
          <Line person={person} />
        </span>
        {person.hand > 0 && (
          <span class="person-hand">
            <Icon name="hand" />
            <span class="unseen">{t("people-hand")}</span>
          </span>
        )}
        <span class={person.microphoneOn ? "person-mic person-mic-on" : "person-mic"}>
          <Icon name={person.microphoneOn ? "microphone" : "microphone-off"} />
          <span class="unseen">{t(person.speaking ? "people-speaking" : microphone)}</span>
        </span>
        {!person.isSelf && (
          <button
            type="button"
            class="icon-button person-more"
            ref={opener}
            aria-label={t("people-menu", { name: person.name })}
            aria-expanded={open}
            aria-controls={menu}
            onClick={() => setOpen(!open)}
          >
            <Icon name="more" />
          </button>
        )}
      </div>
      <div class="person-menu" id={menu} hidden={!open}>
        {open && <Menu person={person} />}
      </div>
    </li>
  );
}

/** The one thing that was checked, or that nothing was. */
function Line({ person }: { person: Person }) {
  if (person.reconnecting)
    return <span class="person-line person-unchecked">{t("people-reconnecting")}</span>;
  return <ClaimLine claim={person} more={person.away ? ` · ${t("people-away")}` : ""} />;
}

type Ask = "make-host" | "send-back" | "remove";

/** What can be done about a person; what takes somebody out comes last, and after a question. */
function Menu({ person }: { person: Person }) {
  const { name, compare, mute, makeHost, sendBack, remove } = person;
  const { allowShare, forbidShare, endShare } = person;
  const [asks, setAsks] = useState<Ask>();
  const act = asks && { "make-host": makeHost, "send-back": sendBack, remove }[asks];
  const close = () => setAsks(undefined);
  return (
    <>
      {compare && <Act words="people-check" onPress={compare} />}
      {mute && <Act words="people-mute" onPress={mute} />}
      {endShare && <Act words="people-end-share" onPress={endShare} />}
      {allowShare && <Act words="people-allow-share" onPress={allowShare} />}
      {forbidShare && <Act words="people-forbid-share" onPress={forbidShare} />}
      {makeHost && <Act words="people-make-host" onPress={() => setAsks("make-host")} />}
      {sendBack && <Act words="people-send-back" onPress={() => setAsks("send-back")} />}
      {remove && <Act words="people-remove" danger onPress={() => setAsks("remove")} />}
      {asks && act && (
        <Confirm
          key={asks}
          title={<Named id={`${asks}-title`} name={name} />}
          line={t(`${asks}-line`)}
          yes={t(`${asks}-yes`)}
          danger={asks === "remove"}
          onYes={() => {
            close();
            act();
          }}
          onNo={close}
        />
      )}
    </>
  );
}

function Act(props: { words: string; danger?: boolean; onPress: () => void }) {
  const look = props.danger ? "button-danger-quiet" : "button-quiet";
  return (
    <button type="button" class={`button button-small ${look}`} onClick={props.onPress}>
      {t(props.words)}
    </button>
  );
}
