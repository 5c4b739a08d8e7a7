// What is written to all: messages as plain text, and the field for one's own. Nothing in them is
// fetched, and nothing opens by one press.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { CHAT_MOST, cleaned, excess } from "../../state/chat.ts";
import type { ChatMessage, ChatView } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { Avatar } from "../parts.tsx";
import { t } from "../words.ts";
import { ClaimLine, isUnchecked } from "./Checked.tsx";
import type { Band } from "./hooks.ts";
import { ChatText } from "./Link.tsx";

export interface ChatProps {
  readonly chat: ChatView;
  readonly band: Band;
  readonly draft: string;
  readonly onDraft: (draft: string) => void;
}

/** How many came while nobody looked. */
export function useUnread({ messages }: ChatView, open: boolean): number {
  const [seen, setSeen] = useState<string>();
  const newest = messages.at(-1)?.key;
  useEffect(() => {
    if (open) setSeen(newest);
  }, [open, newest]);
  if (open) return 0;
  const from = messages.findIndex(({ key }) => key === seen) + 1;
  return messages.slice(from).filter(({ isSelf }) => !isSelf).length;
}

export function Chat(props: ChatProps) {
  const { messages, cameLater, send } = props.chat;
  return (
    <div class="chat">
      {cameLater && <p class="chat-hint">{t("chat-came-later")}</p>}
      {messages.length === 0 && <p class="chat-hint">{t("chat-none")}</p>}
      <Messages messages={messages} />
      <div class="chat-foot">
        {send ? <Composer {...props} send={send} /> : <p class="hint">{t("chat-off")}</p>}
        <p class="hint">{t(props.chat.guestLinks ? "chat-gone-links" : "chat-gone")}</p>
      </div>
    </div>
  );
}

const RUN_MS = 5 * 60_000;

function Messages({ messages }: { messages: readonly ChatMessage[] }) {
  const list = useRef<HTMLOListElement>(null);
  useAtEnd(list, messages);
  return (
    <ol class="chat-list" ref={list} aria-label={t("chat-messages")}>
      {messages.map((message, at) => (
        <Message key={message.key} message={message} goesOn={isOneRun(messages[at - 1], message)} />
      ))}
    </ol>
  );
}

function isOneRun(before: ChatMessage | undefined, { name, isSelf, isHost, at }: ChatMessage) {
  return (
    before?.name === name &&
    before.isSelf === isSelf &&
    before.isHost === isHost &&
    at - before.at < RUN_MS
  );
}

/** The newest is in view, unless one reads what was before; after one's own it always is. */
function useAtEnd(
  list: { readonly current: HTMLElement | null },
  messages: readonly ChatMessage[],
): void {
  const stay = useRef(true);
  useEffect(() => {
    const body = list.current?.closest(".panel-body");
    if (!body) return;
    const note = () => {
      stay.current = body.scrollHeight - body.scrollTop - body.clientHeight < 60;
    };
    body.addEventListener("scroll", note);
    return () => body.removeEventListener("scroll", note);
  }, [list]);
  useLayoutEffect(() => {
    const body = list.current?.closest(".panel-body");
    if (body && (stay.current || messages.at(-1)?.isSelf)) body.scrollTop = body.scrollHeight;
  }, [list, messages]);
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function Message({ message, goesOn }: { message: ChatMessage; goesOn: boolean }) {
  const { name, isSelf, isHost, at, again } = message;
  const claim = { isSelf, isHost, ...(message.isChecked ? { check: "checked" as const } : {}) };
  return (
    <li class={goesOn ? "message message-on" : "message"}>
      <Avatar initials={message.initials} colour={message.colour} unchecked={isUnchecked(claim)} />
      <div class="message-words">
        <p class={goesOn ? "unseen" : "message-head"}>
          <bdi class="person-name">{isSelf ? t("people-you") : name}</bdi>{" "}
          {isHost && <span class="person-host">{t("people-tag-host")}</span>}{" "}
          <time class="message-time">{TIME.format(at)}</time>
        </p>
        {!isSelf && !goesOn && (
          <p>
            <ClaimLine claim={claim} />
          </p>
        )}
        <ChatText message={message} />
        {again && (
          <p class="message-failed" role="alert">
            <Icon name="alert" size="small" />
            {t("chat-failed")}
            <button type="button" class="button button-text button-small" onClick={again}>
              {t("chat-again")}
            </button>
          </p>
        )}
      </div>
    </li>
  );
}

function Composer(props: ChatProps & { send: (text: string) => void }) {
  const { draft, onDraft, send, band } = props;
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const over = excess(cleaned(draft));
  useLayoutEffect(() => {
    if (band !== "small") field.current?.focus(); // there a keyboard would cover the messages
  }, [band]);
  const submit = (event: Event) => {
    event.preventDefault();
    const text = cleaned(draft);
    if (text === "" || over > 0) return field.current?.focus();
    send(text);
    onDraft("");
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
    if (event.key === "Escape" && event.isComposing) event.stopPropagation();
  };
  return (
    <form class="chat-form" onSubmit={submit} noValidate>
      <label class="unseen" for={id}>
        {t("chat-field")}
      </label>
      <textarea
        id={id}
        ref={field}
        class="field chat-field"
        rows={2}
        dir="auto"
        autocomplete="off"
        placeholder={t("chat-field")}
        value={draft}
        aria-invalid={over > 0}
        aria-describedby={`${id}-over`}
        onInput={(e) => onDraft(e.currentTarget.value)}
        onKeyDown={key}
      />
      <button type="submit" class="button button-primary">
        {t("chat-send")}
      </button>
      <p class={over > 0 ? "hint hint-warn" : "unseen"} id={`${id}-over`} role="status">
        {over > 0 && t("chat-too-long", { most: CHAT_MOST, over })}
      </p>
    </form>
  );
}
