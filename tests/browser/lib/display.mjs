// A screen for browsers that only share one when there is one: an X server that draws into memory.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** `name` is what DISPLAY wants. */
export async function startDisplay() {
  const server = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const ended = new Promise((resolve) => server.on("close", resolve));
  const failed = new Promise((_, reject) => {
    server.on("error", reject);
    ended.then(() => reject(new Error("Xvfb ended")));
  });
  failed.catch(() => {});
  const number = new Promise((resolve) => createInterface(server.stdio[3]).once("line", resolve));
  return {
    name: `:${await Promise.race([number, failed])}`,
    end() {
      server.kill();
      return ended;
    },
  };
}
