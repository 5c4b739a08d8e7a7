// The first page: start a meeting (with a start address), or use a link somebody sent.
import { useId, useState } from "preact/hooks";
import type { HomeView } from "../state/view.ts";
import { Icon } from "./icons.tsx";
import { InviteCard, Page, ProblemNote, Slow } from "./parts.tsx";
import { t } from "./words.ts";

export function Home({ view }: { view: HomeView }) {
  if (view.invite)
    return (
      <Page class="home home-made">
        <Made />
        <InviteCard invite={view.invite} enter={view.enter} />
        <Facts />
      </Page>
    );
  return (
    <Page class="home">
      <section class="home-what">
        {(view.start || view.starting) && <Start view={view} />}
        <UseLink view={view} first={!view.start && !view.starting} />
        <Facts />
      </section>
    </Page>
  );
}

function Made() {
  return (
    <div class="home-head">
      <h1>{t("home-made")}</h1>
      <p class="lead">{t("home-made-line")}</p>
    </div>
  );
}

function Start({ view }: { view: HomeView }) {
  return (
    <>
      <h1>{t("home-ready")}</h1>
      <p class="lead">{t("home-ready-line")}</p>
      {view.problem && <ProblemNote problem={view.problem} />}
      <button
        type="button"
        class="button button-primary button-large home-start"
        onClick={view.start}
        aria-disabled={view.starting}
      >
        <Icon name="camera" />
        {view.starting ? t("home-starting") : t("home-start")}
      </button>
      {view.starting && !view.problem && <Slow />}
    </>
  );
}

function UseLink({ view, first }: { view: HomeView; first: boolean }) {
  const [link, setLink] = useState("");
  const [empty, setEmpty] = useState(false);
  const field = useId();
  const open = (event: Event) => {
    event.preventDefault();
    setEmpty(link.trim() === "");
    if (link.trim() !== "") view.useLink(link.trim());
  };
  return (
    <form class="use-link" onSubmit={open} noValidate>
      {first ? <h1>{t("home-link")}</h1> : <h2>{t("home-link")}</h2>}
      {first && view.problem && <ProblemNote problem={view.problem} />}
      <label class="label" for={field}>
        {t("home-link-field")}
      </label>
      <div class="use-link-row">
        <input
          id={field}
          class="field"
          type="text"
          inputMode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          dir="ltr"
          value={link}
          aria-describedby={`${field}-hint`}
          aria-invalid={empty}
          onInput={(e) => setLink(e.currentTarget.value)}
        />
        <button type="submit" class={`button ${first ? "button-primary" : "button-line"}`}>
          <Icon name="link" />
          {t("home-link-open")}
        </button>
      </div>
      <p
        class={empty ? "hint hint-warn" : "hint"}
        id={`${field}-hint`}
        role={empty ? "alert" : undefined}
      >
        {empty ? t("home-link-empty") : t("home-link-line")}
      </p>
      {first && <p class="hint">{t("home-no-start")}</p>}
    </form>
  );
}

const FACTS = ["passes", "keeps", "never"] as const;

function Facts() {
  return (
    <section class="facts">
      <h2>{t("home-facts")}</h2>
      <dl>
        {FACTS.map((fact) => (
          <div key={fact} class="fact">
            <dt>{t(`home-${fact}`)}</dt>
            <dd>
              <strong>{t(`home-${fact}-what`)}</strong>
              <span>{t(`home-${fact}-line`)}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p class="hint">{t("home-past")}</p>
    </section>
  );
}
