// Which key does what. Pure: an event's facts in, the name of an action out.

export type KeyAction =
  | "microphone"
  | "talk" // while it is held
  | "camera"
  | "off-air"
  | "share"
  | "hand"
  | "people"
  | "waiting"
  | "security"
  | "chat"
  | "full"
  | "who"
  | "list"
  | "close"
  | "leave"
  | { readonly pin: number };

export interface Key {
  readonly key: string;
  readonly control: boolean; // Ctrl or Cmd
  readonly shift: boolean;
  readonly alt: boolean;
  readonly repeat: boolean;
  readonly inField: boolean; // a text field or a menu has the focus
  readonly onControl: boolean; // something that Space presses has it
  readonly inDialog: boolean; // one that covers the page waits for an answer
}

const SINGLE: Readonly<Record<string, KeyAction>> = {
  m: "microphone",
  v: "camera",
  o: "off-air",
  d: "share",
  h: "hand",
  p: "people",
  w: "waiting",
  s: "security",
  c: "chat",
  f: "full",
  n: "who",
  "?": "list",
};

/** What is shown in the list of keys, in its order. */
export const KEY_LIST = [
  ["M", "microphone"],
  ["Space", "talk"],
  ["V", "camera"],
  ["O", "off-air"],
  ["D", "share"],
  ["H", "hand"],
  ["P", "people"],
  ["C", "chat"],
  ["W", "waiting"],
  ["S", "security"],
  ["F", "full"],
  ["N", "who"],
  ["1-9", "pin"],
  ["←→↑↓", "arrows"],
  ["?", "list"],
  ["Esc", "close"],
  ["Ctrl+Shift+L", "leave"],
] as const;

/** Undefined: not ours, the browser or a screen reader may have it. */
export function actionOf(key: Key, singleKeys: boolean): KeyAction | undefined {
  if (key.key === " ") return mayTalk(key, singleKeys) ? "talk" : undefined;
  if (key.repeat || key.alt) return undefined;
  if (key.key === "Escape") return "close";
  if (key.control) return key.shift && key.key.toLowerCase() === "l" ? "leave" : undefined;
  if (key.inField || key.inDialog || !singleKeys) return undefined;
  if (/^[1-9]$/.test(key.key)) return { pin: Number(key.key) };
  return SINGLE[key.key.toLowerCase()];
}

// Its repeats are taken too, else they would scroll the page.
function mayTalk(key: Key, singleKeys: boolean): boolean {
  const { control, shift, alt, inField, onControl, inDialog } = key;
  return singleKeys && !(control || shift || alt || inField || onControl || inDialog);
}

/** Which tile an arrow key goes to, in a grid of `columns`; the same one at an edge. */
export function neighbour(
  index: number,
  key: string,
  columns: number,
  count: number,
  rtl: boolean,
): number {
  const forward = rtl ? "ArrowLeft" : "ArrowRight";
  const back = rtl ? "ArrowRight" : "ArrowLeft";
  const step = { [forward]: 1, [back]: -1, ArrowDown: columns, ArrowUp: -columns }[key] ?? 0;
  const to = index + step;
  return to >= 0 && to < count ? to : index;
}
