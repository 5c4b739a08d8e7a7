// A browser on another computer: in a namespace of its own, behind an emulated link.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browsers } from "../../lib/programs.mjs";

/** A program that starts `browser` there; `link` is what behindLink() or onTheMove() gives. */
export function browserOn({ words, env }, browser = browsers.chromium) {
  const scratch = mkdtempSync(join(tmpdir(), "incamera-computer-"));
  const file = join(scratch, "browser");
  const settings = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  writeFileSync(file, `#!/bin/sh\n${settings.join("\n")}\nexec ${words.join(" ")} ${browser} "$@"\n`);
  chmodSync(file, 0o755);
  process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
  return file;
}

/** What Chromium needs to take a page of `origin` for one that may use the camera. */
export const trusting = (origin) => [`--unsafely-treat-insecure-origin-as-secure=${origin}`];
