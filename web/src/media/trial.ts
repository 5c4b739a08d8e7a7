// Tries the ways that media could take, each by a connection of its own that carries nothing: UDP, TCP,
// a relay. No device is asked for, and no other host than the server and its own relays is.

import type { Said } from "../signal/messages.ts";
import type { Way } from "./counts.ts";
import { serversOf } from "./peer.ts";
import { type Offer, parseOffer, writeAnswer } from "./sdp.ts";

export interface Tried {
  readonly way: Way;
  readonly works: boolean;
  readonly ms?: number; // until it worked
}

const ALL: readonly Way[] = ["udp", "tcp", "relay"];

interface Trying {
  readonly way: Way;
  readonly connection: RTCPeerConnection;
  readonly description: RTCSessionDescriptionInit;
  readonly offer: Offer;
}

export class Trial {
  #all: readonly Trying[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stop: (() => void) | undefined;

  /** What to ask the server with. Nothing leaves yet: the relays come with the answer. */
  async offers(): Promise<{ fingerprint: string; ways: Offer["ice"][] }> {
    const algorithm: EcKeyGenParams = { name: "ECDSA", namedCurve: "P-256" };
    const certificate = await RTCPeerConnection.generateCertificate(algorithm);
    this.#all = await Promise.all(
      ALL.map(async (way): Promise<Trying> => {
        const connection = new RTCPeerConnection({ certificates: [certificate] });
        connection.addTransceiver("audio", { direction: "recvonly" });
        const description = await connection.createOffer();
        return { way, connection, description, offer: parseOffer(description.sdp ?? "") };
      }),
    );
    const [first] = this.#all;
    return {
      fingerprint: first?.offer.fingerprint ?? "",
      ways: this.#all.map(({ offer }) => offer.ice),
    };
  }

  /** All that is known after `ms`, or sooner if all is. Ways that the server does not have are left
   * out. */
  async run(tried: Said<"tried">, ms: number): Promise<readonly Tried[]> {
    const from = performance.now();
    const worked = new Map<Way, number>();
    const over = new Promise<void>((stop) => {
      this.#stop = stop;
      this.#timer = setTimeout(stop, ms);
    });
    const ways = this.#all.filter(({ way }) => has(tried, way));
    const each = ways.map(async (trying) => {
      if (await connects(trying, tried)) worked.set(trying.way, performance.now() - from);
    });
    await Promise.race([over, Promise.allSettled(each)]);
    this.close();
    return ways.map(({ way }) => {
      const ms = worked.get(way);
      return ms === undefined ? { way, works: false } : { way, works: true, ms };
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop?.();
    for (const { connection } of this.#all) connection.close();
  }
}

function has({ candidates, servers, only }: Said<"tried">, way: Way): boolean {
  if (way === "relay") return servers.length > 0;
  return !only && candidates.some(({ protocol }) => protocol === way);
}

async function connects(trying: Trying, tried: Said<"tried">): Promise<boolean> {
  const { way, connection, description, offer } = trying;
  const ice = tried.ways[ALL.indexOf(way)];
  if (!ice) return false;
  if (way === "relay")
    connection.setConfiguration({
      ...connection.getConfiguration(),
      iceServers: serversOf(tried.servers),
      iceTransportPolicy: "relay",
    });
  await connection.setLocalDescription(description);
  await connection.setRemoteDescription({ type: "answer", sdp: answerTo(offer, tried, ice, way) });
  return connected(connection);
}

function answerTo(offer: Offer, tried: Said<"tried">, ice: Offer["ice"], way: Way): string {
  const protocol = way === "tcp" ? "tcp" : "udp"; // a relay reaches the server by UDP
  return writeAnswer(offer, {
    type: "answer",
    connection: 1,
    ice,
    fingerprint: tried.fingerprint,
    candidates: tried.candidates.filter((candidate) => candidate.protocol === protocol),
    lines: offer.lines.map(({ mid }) => ({ mid, extensions: [] })),
  });
}

/** With the handshake: a network may let the checks through and nothing else. */
function connected(connection: RTCPeerConnection): Promise<boolean> {
  return new Promise((done) => {
    const look = () => {
      if (connection.connectionState === "connected") done(true);
      if (connection.connectionState === "failed") done(false);
    };
    connection.addEventListener("connectionstatechange", look);
    look();
  });
}
