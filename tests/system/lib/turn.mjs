// coturn with packaging/turnserver.conf, and a client of it (RFC 8656) that asks for what a decent one
// never would.
import { spawn } from "node:child_process";
import { createHash, createHmac, randomBytes } from "node:crypto";
import dgram from "node:dgram";
import { readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const sample = fileURLToPath(new URL("../../../packaging/turnserver.conf", import.meta.url));

/** Listens at `address` and on this computer, and relays to `media` only. `certificate` and `key` are files. */
export async function startTurn(folder, { address, media, secret, tlsPort = 5349, certificate, key }) {
  const file = path.join(folder, "turnserver.conf");
  const text = readFileSync(sample, "utf8")
    .replace("MEET.EXAMPLE.ORG", "meet.example.org")
    .replace("=SECRET", `=${secret}`)
    .replace("MEDIA.ADDRESS", media)
    .replace("tls-listening-port=443", `tls-listening-port=${tlsPort}`)
    .replace("/etc/coturn/certificate.pem", certificate ?? "/dev/null")
    .replace("/etc/coturn/key.pem", key ?? "/dev/null");
  writeFileSync(file, text);
  const options = ["-c", file, "-L", address, "-L", "127.0.0.1", "-E", address, "--pidfile", path.join(folder, "turn.pid"), "-b", path.join(folder, "turndb")];
  const child = spawn("turnserver", options, { stdio: "ignore" });
  const exited = new Promise((resolve) => child.on("exit", resolve));
  for (let tries = 0; !(await listens(address, 3478)); tries++) {
    if (tries > 200) throw new Error("coturn does not start");
    await sleep(50);
  }
  return {
    stop() {
      child.kill();
      return exited;
    },
  };
}

function listens(host, port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, host);
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}

const COOKIE = 0x2112a442;
const ALLOCATE = 0x003;
const CREATE_PERMISSION = 0x008;
const USERNAME = 0x0006;
const INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const XOR_PEER_ADDRESS = 0x0012;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;

function attribute(type, value) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function attributesOf(message) {
  const found = new Map();
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return found;
}

/** An IPv4 or IPv6 address as XOR-PEER-ADDRESS. */
function xorAddress(address, port, transaction) {
  const isIpv6 = address.includes(":");
  const bytes = isIpv6 ? ipv6Bytes(address) : Buffer.from(address.split(".").map(Number));
  const mask = Buffer.alloc(16);
  mask.writeUInt32BE(COOKIE, 0);
  transaction.copy(mask, 4);
  const out = Buffer.alloc(4);
  out[1] = isIpv6 ? 2 : 1;
  out.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  return Buffer.concat([out, bytes.map((byte, i) => byte ^ mask[i])]);
}

function ipv6Bytes(address) {
  const [left, right = ""] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const words = [...left, ...Array(8 - left.length - right.length).fill("0"), ...right];
  const out = Buffer.alloc(16);
  words.forEach((word, i) => out.writeUInt16BE(Number.parseInt(word, 16), 2 * i));
  return out;
}

export class TurnClient {
  #socket = dgram.createSocket("udp4");
  #to;
  #credentials;
  #challenge;

  constructor(address, credentials) {
    this.#to = address;
    this.#credentials = credentials;
  }

  /** 0, or the error code. */
  async #ask(method, ...makers) {
    const transaction = randomBytes(12);
    const attributes = makers.map((make) => make(transaction));
    if (this.#challenge) {
      attributes.push(attribute(USERNAME, Buffer.from(this.#credentials.username)));
      for (const each of [REALM, NONCE]) attributes.push(attribute(each, this.#challenge.get(each)));
    }
    let message = this.#message(method, transaction, Buffer.concat(attributes), this.#challenge ? 24 : 0);
    if (this.#challenge) {
      const { username, credential } = this.#credentials;
      const long = createHash("md5").update(`${username}:${this.#challenge.get(REALM)}:${credential}`).digest();
      message = Buffer.concat([message, attribute(INTEGRITY, createHmac("sha1", long).update(message).digest())]);
    }
    const answer = await this.#exchange(message, transaction);
    const found = attributesOf(answer);
    const error = found.get(ERROR_CODE);
    if (!error) return 0;
    if (found.has(NONCE)) this.#challenge = found;
    return error[2] * 100 + error[3];
  }

  #message(method, transaction, body, more) {
    const head = Buffer.alloc(8);
    head.writeUInt16BE(method, 0);
    head.writeUInt16BE(body.length + more, 2);
    head.writeUInt32BE(COOKIE, 4);
    return Buffer.concat([head, transaction, body]);
  }

  #exchange(message, transaction) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the relay does not answer")), 3000);
      const onMessage = (answer) => {
        if (!answer.subarray(8, 20).equals(transaction)) return;
        clearTimeout(timer);
        this.#socket.off("message", onMessage);
        resolve(answer);
      };
      this.#socket.on("message", onMessage);
      this.#socket.send(message, 3478, this.#to);
    });
  }

  /** Asks for a relayed address: 0, or the error code. */
  async allocate() {
    const udp = () => attribute(REQUESTED_TRANSPORT, Buffer.from([17, 0, 0, 0]));
    const first = await this.#ask(ALLOCATE, udp);
    return first === 401 ? this.#ask(ALLOCATE, udp) : first;
  }

  /** Asks to be relayed to that address: 0, or the error code. */
  permit(address) {
    return this.#ask(CREATE_PERMISSION, (transaction) =>
      attribute(XOR_PEER_ADDRESS, xorAddress(address, 40000, transaction)),
    );
  }

  close() {
    this.#socket.close();
  }
}
