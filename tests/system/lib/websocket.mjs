// A WebSocket client of a hundred lines (RFC 6455), for tests: it can also do what a decent one never
// does: fragments of any size, frames of any kind, no answers to pings.
import { randomBytes } from "node:crypto";
import net from "node:net";
import tls from "node:tls";

const KINDS = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** The status and headers of the server's answer, and the socket if it was 101. */
export function handshake(port, { path = "/ws", origin, protocol = "incamera.1", headers = {}, secure = false, localAddress } = {}) {
  return new Promise((resolve, reject) => {
    const to = { port, host: "127.0.0.1", localAddress };
    const socket = secure ? tls.connect({ ...to, rejectUnauthorized: false }) : net.connect(to);
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: localhost:${port}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []),
      ...(origin ? [`Origin: ${origin}`] : []),
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.on("error", reject);
    socket.once("close", () => reject(new Error("closed before an answer")));
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    let head = Buffer.alloc(0);
    const onData = (data) => {
      head = Buffer.concat([head, data]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      socket.off("data", onData);
      socket.removeAllListeners("close");
      const [first, ...rest] = head.subarray(0, end).toString("latin1").split("\r\n");
      const status = Number(first.split(" ")[1]);
      const answered = Object.fromEntries(
        rest.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
      );
      if (status !== 101) socket.destroy();
      resolve({ status, headers: answered, socket, rest: head.subarray(end + 4) });
    };
    socket.on("data", onData);
  });
}

export async function open(port, options) {
  const { status, socket, rest } = await handshake(port, options);
  if (status !== 101) throw new Error(`the server answered ${status}`);
  return new Client(socket, rest);
}

export class Client {
  #socket;
  #data;
  #heard = [];
  #waiting = [];
  #answersPings = true;
  #parts = []; // of a message that comes in fragments
  pings = 0;
  /** Every message that came, in its order. */
  all = [];
  /** Settles with the close code, or 1006 when the socket went without one. */
  closed;

  constructor(socket, rest) {
    this.#socket = socket;
    this.#data = rest;
    let code = 1006;
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        for (const { reject } of this.#waiting) reject(new Error(`closed with ${code}`));
        this.#waiting = [];
        resolve(code);
      });
    });
    this.closed.catch(() => {});
    this.onClose = (value) => {
      code = value;
    };
    socket.on("error", () => {});
    socket.on("data", (data) => {
      this.#data = Buffer.concat([this.#data, data]);
      this.#read();
    });
    this.#read();
  }

  ignorePings() {
    this.#answersPings = false;
  }

  stopReading() {
    this.#socket.pause();
  }

  resumeReading() {
    this.#socket.resume();
  }

  #read() {
    for (;;) {
      if (this.#data.length < 2) return;
      let len = this.#data[1] & 127;
      let at = 2;
      if (len === 126) {
        if (this.#data.length < 4) return;
        len = this.#data.readUInt16BE(2);
        at = 4;
      } else if (len === 127) {
        if (this.#data.length < 10) return;
        len = Number(this.#data.readBigUInt64BE(2));
        at = 10;
      }
      if (this.#data.length < at + len) return;
      this.#take(this.#data[0] & 15, this.#data.subarray(at, at + len), this.#data[0] >= 128);
      this.#data = this.#data.subarray(at + len);
    }
  }

  #take(kind, payload, final) {
    if (kind === KINDS.close) {
      this.onClose(payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
      this.frame("close", payload);
      this.#socket.end();
    } else if (kind === KINDS.ping) {
      this.pings++;
      if (this.#answersPings) this.frame("pong", payload);
    } else if (kind === KINDS.text || kind === KINDS.more) {
      this.#parts.push(payload);
      if (!final) return;
      const text = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      const message = JSON.parse(text);
      this.all.push(message);
      const found = this.#waiting.findIndex(({ wanted }) => wanted(message));
      if (found >= 0) this.#waiting.splice(found, 1)[0].resolve(message);
      else this.#heard.push(message);
    }
  }

  /** One masked frame; `final` false begins or continues a fragmented message, `kind` "more" goes on with it. */
  frame(kind, payload, final = true) {
    const mask = randomBytes(4);
    const bytes = Buffer.from(payload);
    const head =
      bytes.length < 126
        ? Buffer.from([0, 128 | bytes.length])
        : bytes.length < 65536
          ? Buffer.from([0, 254, bytes.length >> 8, bytes.length & 255])
          : Buffer.from([0, 255, 0, 0, 0, 0, ...new Uint8Array(new Uint32Array([bytes.length]).buffer).reverse()]);
    head[0] = (final ? 128 : 0) | (KINDS[kind] ?? 0);
    for (let i = 0; i < bytes.length; i++) bytes[i] ^= mask[i % 4];
    if (!this.#socket.destroyed) this.#socket.write(Buffer.concat([head, mask, bytes]));
  }

  /** Bytes as they are, a frame or not. */
  raw(bytes) {
    if (!this.#socket.destroyed) this.#socket.write(bytes);
  }

  send(message) {
    this.frame("text", typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message of `type`, or that a function of the message wants, heard already or to come. */
  hear(type, ms = 5000) {
    const wanted = typeof type === "function" ? type : (message) => message.type === type;
    const found = this.#heard.findIndex(wanted);
    if (found >= 0) return Promise.resolve(this.#heard.splice(found, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${type} within ${ms} ms`)), ms);
      this.#waiting.push({
        wanted,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  /** What was heard and not asked for. */
  leftOver() {
    return this.#heard.splice(0);
  }

  /** Drops the connection as a lost network does. */
  drop() {
    this.#socket.destroy();
  }
}
