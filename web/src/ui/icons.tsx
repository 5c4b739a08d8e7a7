// Our own icons: 24 px grid, 1.75 px line, round ends, drawn in the colour of the text. Off is the same
// shape with one slash. A padlock means encrypted and is used for nothing else; a shield
// has no tick, which would say that a person checked something.
import type { JSX } from "preact";

const SHAPES = {
  microphone: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
    </>
  ),
  "microphone-off": (
    <>
      <path d="M9 9V6a3 3 0 0 1 6 0v5m-.9 2.1A3 3 0 0 1 9 11.5M5.5 11.5a6.5 6.5 0 0 0 10.4 5.2M18.5 11.5a6.5 6.5 0 0 1-.6 2.7M12 18v3M4 4l16 16" />
    </>
  ),
  camera: (
    <>
      <rect x="2.5" y="6.5" width="13" height="11" rx="2.5" />
      <path d="M15.5 11l5.5-3v8l-5.5-3z" />
    </>
  ),
  "camera-off": (
    <>
      <path d="M9.5 6.5H13a2.5 2.5 0 0 1 2.5 2.5v2l5.5-3v8l-1.8-1M15.5 15.2a2.5 2.5 0 0 1-2.5 2.3H5A2.5 2.5 0 0 1 2.5 15V9A2.5 2.5 0 0 1 5 6.5M4 4l16 16" />
    </>
  ),
  screen: (
    <>
      <rect x="3" y="4.5" width="18" height="12.5" rx="2" />
      <path d="M12 13.5v-5M9.5 10.5L12 8l2.5 2.5M8.5 20.5h7" />
    </>
  ),
  people: (
    <>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M2.5 19.5c.6-3.5 3.2-5.5 6.5-5.5s5.9 2 6.5 5.5M16 5.3a3.5 3.5 0 0 1 0 6.4M17.7 14.4c2 .7 3.4 2.5 3.8 5.1" />
    </>
  ),
  lock: (
    <>
      <rect x="5" y="10.5" width="14" height="10" rx="2.5" />
      <path d="M8 10.5V8a4 4 0 0 1 8 0v2.5" />
    </>
  ),
  more: (
    <>
      <circle cx="5.5" cy="12" r="1" />
      <circle cx="12" cy="12" r="1" />
      <circle cx="18.5" cy="12" r="1" />
    </>
  ),
  leave: (
    <>
      <path d="M14 4.5H6.5v15H14M10.5 12H21M17.5 8.5L21 12l-3.5 3.5" />
    </>
  ),
  check: (
    <>
      <path d="M5 12.5l4.5 4.5L19 7.5" />
    </>
  ),
  close: (
    <>
      <path d="M6 6l12 12M18 6L6 18" />
    </>
  ),
  link: (
    <>
      <path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7L12 17.7" />
    </>
  ),
  copy: (
    <>
      <rect x="8.5" y="8.5" width="12" height="12" rx="2" />
      <path d="M15.5 8.5v-3a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h3" />
    </>
  ),
  settings: (
    <>
      <circle cx="12" cy="12" r="3" />
      <path d="M12 3v2.5M12 18.5V21M3 12h2.5M18.5 12H21M5.6 5.6l1.8 1.8M16.6 16.6l1.8 1.8M5.6 18.4l1.8-1.8M16.6 7.4l1.8-1.8" />
    </>
  ),
  place: (
    <>
      <path d="M12 21c4.5-4.6 6.7-8 6.7-11a6.7 6.7 0 1 0-13.4 0c0 3 2.2 6.4 6.7 11z" />
      <circle cx="12" cy="10" r="2.5" />
    </>
  ),
  signal: (
    <>
      <path d="M5 18.5v-3M10 18.5v-6M15 18.5v-9M20 18.5v-13" />
    </>
  ),
  down: (
    <>
      <path d="M8 10l4 4 4-4" />
    </>
  ),
  next: (
    <>
      <path d="M10 7l5 5-5 5" />
    </>
  ),
  back: (
    <>
      <path d="M14 6l-6 6 6 6" />
    </>
  ),
  alert: (
    <>
      <path d="M12 4L2.8 19.5h18.4zM12 10v4.5M12 17.2v.1" />
    </>
  ),
  again: (
    <>
      <path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 4v4h-4" />
    </>
  ),
  record: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <circle cx="12" cy="12" r="3.5" fill="currentColor" />
    </>
  ),
  speaker: (
    <>
      <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />
    </>
  ),
  key: (
    <>
      <circle cx="8" cy="15" r="4.5" />
      <path d="M11.3 11.7L20 3M16 7l3 3" />
    </>
  ),
  eye: (
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" />
      <circle cx="12" cy="12" r="3" />
    </>
  ),
  server: (
    <>
      <rect x="4" y="4" width="16" height="7" rx="2" />
      <rect x="4" y="13" width="16" height="7" rx="2" />
      <path d="M8 7.5h.1M8 16.5h.1" />
    </>
  ),
  hand: (
    <path d="M8 12.5V6.2a1.4 1.4 0 0 1 2.8 0V11m0-.5V4.4a1.4 1.4 0 0 1 2.8 0V11m0-4.8a1.4 1.4 0 0 1 2.8 0v8.3c0 3.6-2.4 6-5.6 6-2.4 0-3.8-1-5-3.1l-2.2-3.9a1.4 1.4 0 0 1 2.4-1.4L8 15" />
  ),
  chat: <path d="M4 5.5h16v11H11l-4.5 4v-4H4zM8 11h8" />,
  shield: <path d="M12 3l7.5 2.8v5.7c0 4.6-3 7.9-7.5 9.5-4.5-1.6-7.5-4.9-7.5-9.5V5.8z" />,
  checked: (
    <path d="M12 3l7.5 2.8v5.7c0 4.6-3 7.9-7.5 9.5-4.5-1.6-7.5-4.9-7.5-9.5V5.8zM8.5 12l2.5 2.5 4.5-5" />
  ),
  clock: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7v5l3.2 2" />
    </>
  ),
  pin: <path d="M9 3.5h6l-.8 6 3.3 3.5H6.5l3.3-3.5zM12 13v7.5" />,
  keyboard: (
    <>
      <rect x="2.5" y="6" width="19" height="12.5" rx="2.5" />
      <path d="M6.5 10h.1M10 10h.1M14 10h.1M17.5 10h.1M8 14.5h8" />
    </>
  ),
  offline: <path d="M5 18.5v-3M10 18.5v-6M15 18.5v-9M20 18.5v-13M4 4l16 16" />,
} as const satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof SHAPES;

/** Always beside words, or in a control that has a name: so never read aloud itself. */
export function Icon({ name, size }: { name: IconName; size?: "small" | "large" }) {
  const turns = name === "leave" || name === "next" || name === "back" ? " icon-turns" : "";
  return (
    <svg
      class={`icon${size ? ` icon-${size}` : ""}${turns}`}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  );
}

/** The mark: an arched door with a lens in it. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 22 24" aria-hidden="true">
      <path class="mark-door" d="M1.5 23V11a9.5 9.5 0 0 1 19 0v12z" />
      <circle class="mark-lens" cx="11" cy="11.5" r="4.6" />
      <circle class="mark-door" cx="11" cy="11.5" r="2" />
    </svg>
  );
}
