// Where the focus goes when what has it is taken away: never to the page's body, from where the next
// Tab begins at the top.
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** The page's main part takes the focus, unless something in it has asked for it. */
export function focusMain(): void {
  const main = document.querySelector("main");
  if (!main?.contains(document.activeElement)) main?.focus();
}

/** What is open beside the pictures takes it, or else they do. */
export function focusRest(): void {
  (document.getElementById("panel") ?? document.querySelector("main"))?.focus();
}

export type DeviceName = "mic" | "camera";

/** What turns this device on and off or, where a panel lies over that, chooses it: each carries its name. */
export function focusDevice(device: DeviceName): void {
  const reached = [...document.querySelectorAll<HTMLElement>(`[data-device=${device}]`)].filter(
    (control) => !control.closest("[inert]"),
  );
  const control = reached.find((one) => one instanceof HTMLButtonElement) ?? reached[0];
  if (control) control.focus();
  else focusMain();
}

/** What has the focus in `element` may go whenever it is drawn: then the rest of the page has it. */
export function useFocusKept(element: RefObject<HTMLElement | null>): void {
  const held = element.current?.contains(document.activeElement) === true;
  useLayoutEffect(() => {
    if (held && document.activeElement === document.body) focusRest();
  });
}

/** Calls `to` when `element` is taken away and has the focus. */
export function useFocusHandedOn(element: RefObject<HTMLElement | null>, to: () => void): void {
  useLayoutEffect(
    () => () => {
      if (element.current?.contains(document.activeElement)) to();
    },
    [],
  );
}
