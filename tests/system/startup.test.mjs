// What the programs say when they cannot start, or one of them dies: to the operator, in words.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { client, worker } from "../lib/programs.mjs";
import { Client } from "./lib/client.mjs";
import { makeFolder, once, program, Server } from "./lib/server.mjs";

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
    [command, ...once([`--store.path=${own.folder}/s.db`, `--web.root=${files.folder}`, "--http.listen=127.0.0.1:0", ...flags])],
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
  const said = refused("start-address", `--store.path=${files.folder}/app.js`);
  assert.match(said, /^incamera start-address: cannot open: .*app\.js: file is not a database$/m, "in words, to who sits there");
});

test("a start address is made for no store but one that a server has made", () => {
  const own = makeFolder();
  const path = `${own.folder}/new/incamera.db`;
  assert.match(refused("start-address", `--store.path=${path}`), /^incamera start-address: no store: .*new\/incamera\.db: no server has made a store there/);
  assert.equal(existsSync(`${own.folder}/new`), false);
  own.remove();
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
  assert.match(execFileSync(worker, ["--help"], { timeout: 5000 }).toString(), /^usage: incamera-media /);
});

test("the configuration is checked with the files and folders it names", () => {
  const own = makeFolder();
  const at = (name) => `${own.folder}/${name}`;
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" });
  const made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", ...made, "-keyout", at("key.pem"), "-out", at("good.pem")], { stdio: "ignore" });
  writeFileSync(at("other.pem"), key);
  writeFileSync(at("text"), "text");
  writeFileSync(at("no.ini"), "[http\nlisten = 127.0.0.1:1\n");
  mkdirSync(at("empty"));
  const tls = (certificate, private_key) => [`--tls.certificate=${at(certificate)}`, `--tls.key=${at(private_key)}`];
  const rows = [
    [tls("none.pem", "key.pem"), /none\.pem: No such file/],
    [tls("good.pem", "none.pem"), /none\.pem: No such file/],
    [tls("text", "key.pem"), /text: this is no certificate in PEM/],
    [tls("empty", "key.pem"), /empty: Is a directory/],
    [tls("good.pem", "text"), /text: this is no private key in PEM/],
    [tls("good.pem", "other.pem"), /other\.pem: this is not the key of the certificate/],
    [["--web.root=/nonexistent"], /web\.root: \/nonexistent\/index\.html: No such file/],
    [[`--web.root=${at("empty")}`], /web\.root: .*index\.html: No such file/],
    [["--media.program=/nonexistent"], /media\.program: \/nonexistent: No such file/],
    [[`--media.program=${at("text")}`], /media\.program: .*text: this is no program/],
    [[`--store.path=${at("text")}/s.db`], /store\.path: .*text: Not a directory/],
    [[`--store.path=${at("a/b/s.db")}`], /store\.path: .*a: No such file/],
    [[`--store.path=${at("empty")}`], /store\.path: .*empty: this is no file/],
    [["--store.path=/proc/x/y"], /store\.path: \/proc: /],
    [["--config="], /flag: --config is ""; allowed: path of an INI file/],
    [[`--config=${own.folder}`], /Is a directory/],
    [[`--config=${at("no.ini")}`], /no\.ini:1: this line makes no sense/],
  ];
  for (const [flags, says] of rows)
    for (const command of ["check-config", "serve"]) assert.match(refused(command, ...flags), says);
  const good = [...tls("good.pem", "key.pem"), `--web.root=${own.folder}`, `--store.path=${at("new/s.db")}`];
  writeFileSync(at("some.ini"), "[log]\nlevel = info\n");
  for (const [file, says] of [
    [[], /is good\. No file was read: you see none at \/etc\/incamera\/incamera\.ini\.$/],
    [[`--config=${at("some.ini")}`], /is good\. The file is .*some\.ini\.$/],
  ]) {
    const { status, stdout, stderr } = spawnSync(program, ["check-config", ...file, ...good], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.match(stdout.trim(), says);
  }
  own.remove();
});

test("what is given twice is an error that names it, and is not taken from the last", () => {
  for (const [command, flags, says] of [
    [program, ["check-config", "--log.level=info", "--media.port=1", "--log.level=debug"], /flag: --log\.level is given twice; allowed: each flag once/],
    [program, ["serve", "--config=/a", "--config=/b"], /flag: --config is given twice/],
    [client, ["x", "--count=1", "--count", "2"], /--count is given twice/],
  ]) {
    const { status, stderr } = spawnSync(command, flags, { encoding: "utf8", timeout: 5000 });
    assert.notEqual(status, 0);
    assert.match(stderr, says);
  }
});

test("a disk without room for a store is told before anything starts", (t) => {
  const own = makeFolder();
  const full = `mount -t tmpfs -o size=64k none "$2" && exec "$1" check-config --web.root="$3" --store.path="$2/new/s.db"`;
  const { status, stderr } = spawnSync("unshare", ["-m", "sh", "-c", full, "sh", program, own.folder, files.folder], { encoding: "utf8" });
  own.remove();
  if (/unshare/.test(stderr)) return t.skip("no namespace of one's own here");
  assert.equal(status, 1, stderr);
  assert.match(stderr, /store\.path: .*: No space left on device/);
});

test("a client takes its secrets from standard input, and a bad link ends it with status 2", () => {
  for (const [args, input] of [
    [["-"], "nonsense\n"],
    [["--start=-"], "https://localhost/start#short\n"],
    [["nonsense"], ""],
    [["-"], ""],
  ])
    assert.equal(spawnSync(client, args, { input, timeout: 5000 }).status, 2, `${args} ${input}`);
});

test("a client without a server says so soon and goes on trying", async () => {
  const link = `http://127.0.0.1:9/${"A".repeat(22)}#Ag${"A".repeat(85)}`;
  const alone = new Client([link, "--seconds=4"]);
  const { code } = await alone.exited;
  assert.match(alone.complaints, /not in a meeting yet, trying on: ./);
  assert.equal(code, 1);
});
