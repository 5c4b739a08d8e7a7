// The gallery's page: `?screen=NAME&scheme=light|dark&dir=ltr|rtl` draws one screen of one View.
import { signal } from "@preact/signals";
import { render } from "preact";
import type { View } from "../src/state/view.ts";
import { App } from "../src/ui/App.tsx";
import { SCREENS } from "./screens.ts";

const query = new URLSearchParams(location.search);
document.documentElement.dir = query.get("dir") ?? "ltr";
const make = SCREENS[query.get("screen") ?? "home"];
const root = document.getElementById("app");
if (root && make) {
  const view = signal<View>(make((next) => (view.value = next)));
  render(<App view={view} />, root);
}
