// An evil server, for tests: it stands between the clients and the real server, under one origin, and
// changes, drops, holds, repeats and invents messages for each person. Media goes the real way.
//
//   clients ---- WebSocket, pages ----> evil server ---- WebSocket, pages ----> incamera serve
//       \------------------------------ UDP --------------------------------> incamera-media
import http from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "./programs.mjs";

const { WebSocketServer, WebSocket } = createRequire(join(root, "web/package.json"))("ws");
const PROTOCOL = "incamera.1";

/** One person's socket. `down` and `up` say what becomes of a message of the server and of the client:
 * the message itself, another, a list, or nothing. */
export class Wire {
  down = (message) => message;
  up = (message) => message;
  /** All that passed or would have: what the server said, and what the client said. */
  downs = [];
  ups = [];
  participant; // as the server calls this person
  #near;
  #far;
  #early = [];

  constructor(near, port) {
    this.#near = near;
    this.#far = new WebSocket(`ws://127.0.0.1:${port}/ws`, PROTOCOL);
    this.#far.on("open", () => {
      for (const text of this.#early.splice(0)) this.#far.send(text);
    });
    near.on("message", (data) => this.#pass(JSON.parse(data), this.ups, this.up, (m) => this.say(m)));
    this.#far.on("message", (data) => {
      const message = JSON.parse(data);
      if (message.type === "joined" || message.type === "waiting") this.participant = message.participant;
      this.#pass(message, this.downs, this.down, (m) => this.tell(m));
    });
    near.on("close", () => this.#far.close());
    this.#far.on("close", (code) => near.close(code >= 1000 && code !== 1005 && code !== 1006 ? code : 1000));
    for (const socket of [near, this.#far]) socket.on("error", () => {});
  }

  #pass(message, log, change, on) {
    log.push(message);
    for (const each of [change(message)].flat()) if (each) on(each);
  }

  /** To the client, as if the server had said it. */
  tell(message) {
    if (this.#near.readyState === WebSocket.OPEN) this.#near.send(JSON.stringify(message));
  }

  /** To the server, as if the client had said it. */
  say(message) {
    const text = JSON.stringify(message);
    if (this.#far.readyState === WebSocket.CONNECTING) this.#early.push(text);
    else if (this.#far.readyState === WebSocket.OPEN) this.#far.send(text);
  }

  /** Keeps what the server says and `wanted` accepts, until the returned function lets it go. */
  hold(wanted) {
    const before = this.down;
    const held = [];
    this.down = (message) => (wanted(message) ? void held.push(message) : before(message));
    return (order = (list) => list) => {
      this.down = before;
      for (const message of order(held)) this.tell(message);
    };
  }

  last(type) {
    return this.downs.findLast((message) => message.type === type);
  }

  /** Who waits is told some things when it comes, or when they change. */
  lastWith(key) {
    return this.downs.findLast((message) => key in message);
  }

  lastSaid(type) {
    return this.ups.findLast((message) => message.type === type);
  }

  cut() {
    this.#near.terminate();
  }
}

export class EvilServer {
  wires = [];
  #waiting = [];
  #http;

  /** `protocol`: the WebSocket protocol that it speaks, whatever the client offers. */
  static async start(serverPort, { port = 0, protocol = PROTOCOL } = {}) {
    const evil = new EvilServer();
    evil.#http = http.createServer((request, response) => forward(serverPort, request, response));
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
    evil.#http.on("upgrade", (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (near) => evil.#came(new Wire(near, serverPort))),
    );
    await new Promise((resolve) => evil.#http.listen(port, "127.0.0.1", resolve));
    return evil;
  }

  #came(wire) {
    this.wires.push(wire);
    this.#waiting.shift()?.(wire);
  }

  get port() {
    return this.#http.address().port;
  }

  /** An address of the real server, by way of this one. */
  address(real) {
    return real.replace(/(\/\/[^/]*):\d+\//, `$1:${this.port}/`);
  }

  /** The wire of whoever comes next. */
  next() {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close() {
    for (const wire of this.wires) wire.cut();
    this.#http.closeAllConnections();
    return new Promise((resolve) => this.#http.close(resolve));
  }
}

function forward(port, { method, url, headers }, response) {
  const asked = http.request({ port, host: "127.0.0.1", method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  asked.on("error", () => response.destroy());
  asked.end();
}
