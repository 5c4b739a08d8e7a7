// A browser on another computer: in a namespace of its own, behind an emulated link.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { browsers } from "../../lib/programs.mjs";

/** A program that starts `browser` there; `link` is what behindLink() or onTheMove() gives. */
export function browserOn({ words, env }, browser = browsers.chromium) {
  return script(() => `${settings(env)}\nexec ${words.join(" ")} ${browser} "$@"`);
}

/** The same for Firefox, which is driven over a TCP port: `debuggingPort` of firefox(). */
export function firefoxOn({ words, env }, port) {
  return script(({ scratch }) => {
    const through = (side) => `setpriv --pdeathsig KILL node ${THROUGH} ${side} ${port} ${join(scratch, "socket")} &`;
    const inside = join(scratch, "inside");
    writeScript(inside, `${through("inside")}\nexec ${browsers.firefox} "$@"`);
    return `${settings(env)}\n${through("outside")}\nexec ${words.join(" ")} ${inside} "$@"`;
  });
}

const THROUGH = fileURLToPath(new URL("through.mjs", import.meta.url));

function settings(env) {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join("\n");
}

function script(words) {
  const scratch = mkdtempSync(join(tmpdir(), "incamera-computer-"));
  const file = join(scratch, "browser");
  writeScript(file, words({ scratch }));
  scratches.push(scratch);
  return file;
}

const scratches = [];
process.on("exit", () => {
  for (const scratch of scratches) rmSync(scratch, { recursive: true, force: true });
});

function writeScript(file, words) {
  writeFileSync(file, `#!/bin/sh\n${words}\n`);
  chmodSync(file, 0o755);
}

/** What Chromium needs to take a page of `origin` for one that may use the camera. */
export const trusting = (origin) => [`--unsafely-treat-insecure-origin-as-secure=${origin}`];
