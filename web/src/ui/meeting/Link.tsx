// The text of a message, and its links: each says its host first, and opens only after a question that
// says where it goes and whose it is.
import { useId, useState } from "preact/hooks";
import type { ChatPart, Link } from "../../state/chat_links.ts";
import type { ChatMessage } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Named } from "../parts.tsx";
import { t } from "../words.ts";
import { useModal } from "./Panels.tsx";

/** Never markup, whatever it looks like. */
export function ChatText({ message }: { message: ChatMessage }) {
  const hides = message.parts.some(({ what }) => what === "hiding");
  return (
    <>
      <p class="message-text" dir="auto">
        {message.parts.map((part, at) => (
          <Part key={at} part={part} message={message} />
        ))}
      </p>
      {hides && (
        <p class="person-line person-unchecked message-hiding">
          <Icon name="alert" size="small" />
          {t("chat-hiding")}
        </p>
      )}
    </>
  );
}

function Part({ part, message }: { part: ChatPart; message: ChatMessage }) {
  const [asks, setAsks] = useState(false);
  if (part.what === "text") return <>{part.text}</>;
  if (part.what === "hiding") return <bdi class="message-hides">{part.text}</bdi>;
  return (
    <>
      <button
        type="button"
        class="message-link"
        dir="ltr"
        aria-haspopup="dialog"
        onClick={() => setAsks(true)}
      >
        <Address link={part.link} />
      </button>
      {asks && <LinkDialog link={part.link} message={message} onClose={() => setAsks(false)} />}
    </>
  );
}

/** Bold is what somebody registered, and so who it goes to. */
function Address({ link: { user, host, owned, typed, rest } }: { link: Link }) {
  const at = owned === undefined ? 0 : host.lastIndexOf(owned);
  return (
    <>
      {user}
      {host.slice(0, at)}
      <b>{host.slice(at)}</b>
      {typed !== undefined && ` (${typed})`}
      {rest}
    </>
  );
}

function writerOf({ isHost, isChecked }: ChatMessage): string {
  if (isChecked) return "link-from-checked";
  return isHost ? "link-from" : "link-from-guest";
}

function LinkDialog(props: { link: Link; message: ChatMessage; onClose: () => void }) {
  const { link, message, onClose } = props;
  const id = useId();
  const dialog = useModal(onClose);
  const other = message.resembles.get(link.target);
  const keep = (event: KeyboardEvent) => {
    if (event.key === "Escape") event.stopPropagation(); // it closes this, and not the panel too
  };
  return (
    <dialog
      class="dialog link-dialog"
      aria-labelledby={`${id}-title`}
      ref={dialog}
      onKeyDown={keep}
    >
      <h2 id={`${id}-title`}>
        <Named id="link-title" name={link.host} />
      </h2>
      {other !== undefined && (
        <p class="note note-alarm" role="alert">
          <Icon name="alert" />
          <span>
            <Named id="link-resembles" name={other} />
          </span>
        </p>
      )}
      {link.typed !== undefined && (
        <p class="note note-warn">
          <span>
            <Named id="link-letters" name={link.typed} />
          </span>
        </p>
      )}
      <p class="lead">
        {message.isSelf ? t("link-own") : <Named id={writerOf(message)} name={message.name} />}
      </p>
      <code class="link-field" dir="ltr" tabIndex={-1}>
        {link.target}
      </code>
      <div class="dialog-actions dialog-pair">
        <a
          class="button button-quiet"
          href={link.target}
          target="_blank"
          rel="noopener noreferrer"
          onClick={onClose}
        >
          {t("link-open")}
        </a>
        <button type="button" class="button button-quiet" onClick={onClose}>
          {t("link-not")}
        </button>
      </div>
    </dialog>
  );
}
