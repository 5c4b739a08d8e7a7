// Where the page begins: the app publishes what to draw, the interface draws it.
import { signal } from "@preact/signals";
import { render } from "preact";
import type { View } from "./state/view.ts";
import { App } from "./ui/App.tsx";

const view = signal<View>({
  page: "home",
  starting: false,
  useLink: (link) => location.assign(link),
});
const root = document.getElementById("app");
if (root) render(<App view={view} />, root);
