// What the meeting page asks of the window: sizes, time, keys. Each stops when the page goes.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { actionOf, type KeyAction } from "../keys.ts";
import type { Size } from "../layout.ts";

/** The size of an element in whole CSS pixels; zero until it is known. */
export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => {
      const next = { width: target.clientWidth, height: target.clientHeight };
      setSize((was) => (was.width === next.width && was.height === next.height ? was : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

export type Band = "small" | "medium" | "wide";

// In em: who reads larger text gets the next narrower page, as with a larger zoom.
const MEDIUM = "(min-width: 37.5em)";
const WIDE = "(min-width: 64em)";

function bandNow(): Band {
  if (matchMedia(WIDE).matches) return "wide";
  return matchMedia(MEDIUM).matches ? "medium" : "small";
}

/** Which of the three widths of the design the window has. */
export function useBand(): Band {
  const [band, setBand] = useState(bandNow);
  useEffect(() => {
    const update = () => setBand(bandNow());
    const queries = [matchMedia(MEDIUM), matchMedia(WIDE)];
    for (const query of queries) query.addEventListener("change", update);
    return () => {
      for (const query of queries) query.removeEventListener("change", update);
    };
  }, []);
  return band;
}

/** When somebody goes whose row had the focus, the panel has it. */
export function useKeptFocus(count: number): void {
  const before = useRef(count);
  useEffect(() => {
    const lost = document.activeElement === document.body && count < before.current;
    if (lost) document.getElementById("panel")?.focus();
    before.current = count;
  }, [count]);
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Does Space press this? */
function isControl(target: EventTarget | null): boolean {
  const pressed = "a, button, summary, label, video, [role=button], [role=switch]";
  return target instanceof HTMLElement && target.closest(pressed) !== null;
}

/** Calls `act` for the keys that are ours; `act` says whether it did something. `release`: the key to talk
 * is not held any more, or nobody can tell. */
export function useKeys(
  singleKeys: boolean,
  act: (action: KeyAction) => boolean,
  release: () => void,
): void {
  const latest = useRef({ act, release, singleKeys });
  latest.current = { act, release, singleKeys };
  // Before the first picture of the meeting: who sees it may press a key.
  useLayoutEffect(() => {
    const down = (event: KeyboardEvent) => {
      const action = actionOf(
        {
          key: event.key,
          control: event.ctrlKey || event.metaKey,
          shift: event.shiftKey,
          alt: event.altKey,
          repeat: event.repeat,
          inField: isField(event.target),
          onControl: isControl(event.target),
          inDialog: document.querySelector("dialog:modal") !== null,
        },
        latest.current.singleKeys,
      );
      if (action !== undefined && latest.current.act(action)) event.preventDefault();
    };
    const letGo = () => latest.current.release();
    const up = (event: KeyboardEvent) => event.key === " " && letGo();
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", letGo);
    return () => {
      letGo();
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", letGo);
    };
  }, []);
}
