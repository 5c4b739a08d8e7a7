// Who is in the meeting, what is known of each, and what a host may do about it.
import { useId, useState } from "preact/hooks";
import type { MeetingView, Person } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Avatar, CopyButton, Named } from "../parts.tsx";
import { t } from "../words.ts";
import { Confirm } from "./Dialogs.tsx";

export function People({ view, onQueue }: { view: MeetingView; onQueue: () => void }) {
  const waiting = view.queue?.length ?? 0;
  return (
    <>
      {waiting > 0 && (
        <button type="button" class="people-waiting" onClick={onQueue}>
          <span>{t("knock-many", { count: waiting })}</span>
          <span class="people-look">{t("knock-look")}</span>
        </button>
      )}
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
  const menu = useId();
  const [open, setOpen] = useState(false);
  const microphone = person.microphoneOn ? "people-mic-on" : "people-mic-off";
  return (
    <li data-row={person.id}>
      <div class="person">
        <Avatar initials={person.initials} colour={person.colour} unchecked={!person.isSelf} />
        <span class="person-words">
          <span class="person-head">
            <bdi class="person-name">{person.name}</bdi>{" "}
            {person.isHost && <span class="person-host">{t("people-tag-host")}</span>}
          </span>
          <Line person={person} />
        </span>
        <span class={person.microphoneOn ? "person-mic person-mic-on" : "person-mic"}>
          <Icon name={person.microphoneOn ? "microphone" : "microphone-off"} />
          <span class="unseen">{t(person.speaking ? "people-speaking" : microphone)}</span>
        </span>
        {(person.makeHost || person.remove) && (
          <button
            type="button"
            class="icon-button person-more"
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
  const unchecked = person.isHost ? "people-name-unchecked" : "people-guest";
  return (
    <span class={person.isSelf ? "person-line" : "person-line person-unchecked"}>
      {t(person.reconnecting ? "people-reconnecting" : person.isSelf ? "people-you" : unchecked)}
      {person.away && !person.reconnecting && ` · ${t("people-away")}`}
    </span>
  );
}

function Menu({ person: { name, makeHost, remove } }: { person: Person }) {
  const [asks, setAsks] = useState<"make-host" | "remove">();
  const act = asks === "remove" ? remove : makeHost;
  const close = () => setAsks(undefined);
  return (
    <>
      {makeHost && (
        <button
          type="button"
          class="button button-quiet button-small"
          onClick={() => setAsks("make-host")}
        >
          {t("people-make-host")}
        </button>
      )}
      {remove && (
        <button
          type="button"
          class="button button-small button-danger-quiet"
          onClick={() => setAsks("remove")}
        >
          {t("people-remove")}
        </button>
      )}
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
