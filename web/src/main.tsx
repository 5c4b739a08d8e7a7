// Where the page begins: the app publishes what to draw, the interface draws it.
import { render } from "preact";
import { startApp } from "./state/app.ts";
import { App } from "./ui/App.tsx";

const view = startApp({ group: "/e2ee.wasm", frames: "/frames.wasm" });
const root = document.getElementById("app");
if (root) render(<App view={view} />, root);
