// The whole interface: draws the current View, and loads what a meeting needs when one is drawn.
import type { ReadonlySignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { MeetingView, View } from "../state/view.ts";
import { focusMain } from "./focus.ts";
import { Home } from "./Home.tsx";
import { Join } from "./Join.tsx";
import { Left } from "./Left.tsx";
import { Waiting } from "./Waiting.tsx";
import { t } from "./words.ts";

export function App({ view }: { view: ReadonlySignal<View> }) {
  const now = view.value;
  useEffect(() => {
    const root = document.documentElement;
    if (now.page === "meeting")
      root.dataset.scheme = "dark"; // in both schemes: faces, not a page
    else delete root.dataset.scheme;
  }, [now.page]);
  const what = now.page === "left" ? t(`left-${now.why}`) : "";
  useEffect(() => {
    if (now.page !== "meeting") document.title = t(`title-${now.page}`, { what });
  }, [now.page, what]);
  useFocusOnPage(pageOf(now));
  useEffect(() => {
    if (now.page === "join") prepareMeeting();
  }, [now.page]);
  switch (now.page) {
    case "home":
      return <Home view={now} />;
    case "join":
      return <Join view={now} />;
    case "waiting":
      return <Waiting view={now} />;
    case "meeting":
      return <MeetingPart view={now} />;
    case "left":
      return <Left view={now} />;
  }
}

const loadMeeting = () => import("./meeting/Meeting.tsx");

/** A meeting is near: its code should be there when it is drawn. */
function prepareMeeting(): void {
  void loadMeeting().catch(() => {}); // tried again when it is drawn
}

/** With the invite the first page is another one. */
const pageOf = (view: View) => (view.page === "home" && view.invite ? "invite" : view.page);

/** Who reads by ear or by keyboard goes on at the top of a new page, but not of the first. */
function useFocusOnPage(page: string): void {
  const before = useRef(page);
  useEffect(() => {
    if (before.current !== page && page !== "meeting") focusMain();
    before.current = page;
  }, [page]);
}

/** Nothing at first; after 8 s the truth, and a way to try again. */
function MeetingPart({ view }: { view: MeetingView }) {
  const [Part, setPart] = useState<ComponentType<{ view: MeetingView }>>();
  const [slow, setSlow] = useState(false);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setSlow(false);
    const timer = setTimeout(() => setSlow(true), 8000);
    void loadMeeting()
      .then((module) => setPart(() => module.Meeting))
      .catch(() => setSlow(true));
    return () => clearTimeout(timer);
  }, [attempt]);
  if (Part) return <Part view={view} />;
  return (
    <main class="loading" aria-busy={!slow}>
      {slow && (
        <>
          <p role="alert">{t("slow")}</p>
          <button type="button" class="button button-line" onClick={() => setAttempt(attempt + 1)}>
            {t("problem-retry")}
          </button>
        </>
      )}
    </main>
  );
}
