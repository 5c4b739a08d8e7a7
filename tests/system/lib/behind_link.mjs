// A server that participants behind an emulated link reach.
import { execFileSync } from "node:child_process";
import { worker } from "../../lib/programs.mjs";
import { SERVER_BEHIND_LINK } from "./client.mjs";
import { program, Server } from "./server.mjs";

/** Gives the server and an address to start a meeting with. */
export async function startBehindLink(folder, flags = [], port = 0) {
  const plain = "--http.allow_plain_beyond_loopback=yes";
  const server = await Server.start(folder, [
    `--http.listen=${SERVER_BEHIND_LINK}:${port}`,
    plain,
    `--media.program=${worker}`,
    `--media.addresses=${SERVER_BEHIND_LINK}`,
    ...flags,
  ]);
  const printed = execFileSync(program, [
    "start-address",
    `--http.listen=${SERVER_BEHIND_LINK}:${server.port}`,
    plain,
    `--store.path=${folder}/store/incamera.db`,
  ]);
  return { server, start: printed.toString().trim() };
}
