// SIGHUP exchanges the certificate under a running server: new connections see the new one, open ones go
// on, and files of no use change nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import path from "node:path";
import { after, before, test } from "node:test";
import tls from "node:tls";
import { makeFolder, PAGE, Server } from "./lib/server.mjs";

let files;
let server;
const at = (name) => path.join(files.folder, name);

/** A certificate and its key, for the name `cn`. */
function make(cn, key = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]) {
  const how = ["req", "-x509", "-newkey", ...key, "-nodes", "-days", "2", "-subj", `/CN=${cn}`];
  execFileSync("openssl", [...how, "-keyout", at(`${cn}.key`), "-out", at(`${cn}.pem`)], { stdio: "ignore" });
}

function use(certificate, key = certificate) {
  copyFileSync(at(`${certificate}.pem`), at("tls.pem"));
  copyFileSync(at(`${key}.key`), at("tls.key"));
}

/** What a new connection is shown, with the kind of signature that the client can check. */
function shown(options = {}) {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false, ...options }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

async function renew(event) {
  const from = server.log.length;
  process.kill(server.pid, "SIGHUP");
  return server.logged((line) => line.event === event, 3000, from);
}

function page(session) {
  return new Promise((resolve, reject) => {
    let body = "";
    const request = session.request({ ":path": "/" });
    request.on("data", (data) => (body += data)).on("end", () => resolve(body));
    request.on("error", reject).end();
  });
}

before(async () => {
  files = makeFolder();
  for (const name of ["first", "second"]) make(name);
  make("third", ["rsa:2048"]);
  use("first");
  server = await Server.start(files.folder, [`--tls.certificate=${at("tls.pem")}`, `--tls.key=${at("tls.key")}`]);
});
after(async () => {
  await server.stop();
  files.remove();
});

test("SIGHUP shows new connections the new certificate, and an open one goes on", async () => {
  assert.equal(await shown(), "first");
  const session = http2.connect(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
  session.on("error", () => {});
  assert.equal(await page(session), PAGE);
  use("second");
  assert.equal(await shown(), "first", "not before it is asked to");
  await renew("certificate_renewed");
  assert.equal(await shown(), "second");
  assert.equal(await page(session), PAGE);
  assert.equal(session.destroyed, false);
  session.destroy();
});

test("a new certificate or key of no use keeps the old one, and one line says why", async () => {
  const ways = [
    ["another's key", () => use("first", "second"), /tls\.key: this is not the key of the certificate/],
    ["no certificate", () => writeFileSync(at("tls.pem"), "text"), /tls\.pem: this is no certificate in PEM/],
  ];
  for (const [what, spoil, says] of ways) {
    spoil();
    const { level, reason } = await renew("certificate_kept");
    assert.equal(level, "error", what);
    assert.match(reason, says, what);
    assert.equal(await shown(), "second", what);
  }
});

test("a key of another kind replaces the old one altogether", async () => {
  use("third");
  await renew("certificate_renewed");
  assert.equal(await shown(), "third");
  const only = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" };
  await assert.rejects(shown(only), "there is no ECDSA certificate any more");
});

test("without a certificate SIGHUP changes nothing, so that a reload does not end the server", async () => {
  const own = makeFolder();
  const plain = await Server.start(own.folder);
  process.kill(plain.pid, "SIGHUP");
  await plain.logged((line) => line.event === "nothing_to_renew", 3000);
  assert.equal((await fetch(`http://127.0.0.1:${plain.port}/`)).status, 200);
  await plain.stop();
  own.remove();
});
