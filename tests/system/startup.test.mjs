// What the programs say when they cannot start, or one of them dies: to the operator, in words.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { worker } from "./lib/client.mjs";
import { makeFolder, program, Server } from "./lib/server.mjs";

let files;
let server;
before(async () => {
  files = makeFolder();
  server = await Server.start(files.folder);
});
after(async () => {
  await server.stop();
  files.remove();
});

/** What `incamera COMMAND` says, which must fail at once. */
function refused(command, ...flags) {
  const own = makeFolder();
  const { status, stderr } = spawnSync(
    program,
    [command, `--store.path=${own.folder}/s.db`, `--web.root=${files.folder}`, "--http.listen=127.0.0.1:0", ...flags],
    { timeout: 5000 },
  );
  own.remove();
  assert.equal(status, 1, stderr.toString());
  return stderr.toString();
}

test("a second server of one store is refused, a start address beside it is not, and kill -9 lets go", async () => {
  const store = `--store.path=${files.folder}/store/incamera.db`;
  assert.match(refused("serve", store), /cannot_lock.*incamera\.db.*another incamera serve uses this store/);
  assert.equal(spawnSync(program, ["start-address", store]).status, 0);
  await server.stop("SIGKILL");
  server = await Server.start(files.folder);
});

test("an address that this machine lacks is an error when there is no other, else a warning", async () => {
  const plain = "--http.allow_plain_beyond_loopback=yes";
  const line = JSON.parse(refused("serve", plain, "--http.listen=192.0.2.250:0").split("\n")[0]);
  assert.deepEqual([line.level, line.event, line.address], ["error", "cannot_listen", "192.0.2.250"]);
  const own = makeFolder();
  const other = await Server.start(own.folder, [plain, "--http.listen=127.0.0.1:0,192.0.2.250:0"]);
  assert.equal(other.log.find(({ event }) => event === "cannot_listen").level, "warning");
  await other.stop();
  own.remove();
});

test("a store that cannot be opened is named", () => {
  assert.match(refused("start-address", `--store.path=${files.folder}/app.js`), /"cannot_open".*app\.js.*not a database/);
});

test("the death of a worker is logged once", async () => {
  const ready = ({ area, event }) => area === "workers" && event === "ready";
  const from = server.log.length;
  process.kill(server.log.findLast(ready).pid, "SIGKILL");
  await server.logged(ready, 5000, from);
  const said = server.log.slice(from).filter(({ area, event }) => area === "workers" && event !== "ready");
  assert.deepEqual(
    said.map(({ event, signal }) => [event, signal]),
    [["lost", 9]],
  );
});

test("incamera-media started by hand says who starts it", () => {
  const { status, stderr } = spawnSync(worker, [], { timeout: 5000 });
  assert.equal(status, 2);
  assert.match(stderr.toString(), /`incamera serve` starts me/);
});
