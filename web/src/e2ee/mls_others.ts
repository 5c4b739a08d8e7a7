// Members of ts-mls, a library of others; where it differs from the standards, they translate (docs/mls.md).

import { createHash } from "node:crypto";
import { XWing } from "@hpke/hybridkem-x-wing";
import { ed448 } from "@noble/curves/ed448.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import {
  bytesToBase64,
  type Ciphersuite,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type ClientState,
  ciphersuites,
  createApplicationMessage,
  createCommit,
  createGroup,
  createProposal,
  decodeMlsMessage,
  defaultLifetime,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  type KeyPackage,
  type MLSMessage,
  makePskIndex,
  nobleCryptoProvider,
  type PrivateKeyPackage,
  type Proposal,
  processPrivateMessage,
  processPublicMessage,
} from "ts-mls";
import { createGroupInfo } from "ts-mls/createCommit.js";
import { encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { makeResumptionPsk } from "ts-mls/resumption.js";
import {
  type Change,
  type Heard,
  HYBRID,
  type Kind,
  type Member,
  type Offer,
} from "./mls_member.ts";

const PSK_ID = new TextEncoder().encode("link");
const PSKS = { [bytesToBase64(PSK_ID)]: new Uint8Array(32).fill(7) };
const KEY_PACKAGE_HEADER = Uint8Array.of(0, 1, 0, 5); // of an MLSMessage

/** An opaque vector of MLS. */
function vector(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const size = length < 64 ? [length] : [0x40 | (length >> 8), length & 255];
  return Uint8Array.of(...size, ...bytes);
}

async function implementation(suite: number, isNative: boolean): Promise<CiphersuiteImpl> {
  if (suite === HYBRID) return hybrid(isNative);
  const name = Object.entries(ciphersuites).find(([, id]) => id === suite)?.[0] as CiphersuiteName;
  return supplied(getCiphersuiteFromName(name), isNative);
}

/** The provider of ts-mls named after noble takes WebCrypto's Ed25519 where there is one, as here. */
async function supplied(suite: Ciphersuite, isNative: boolean): Promise<CiphersuiteImpl> {
  if (isNative) return getCiphersuiteImpl(suite);
  const scripted = await getCiphersuiteImpl(suite, nobleCryptoProvider);
  if (suite.signature !== "Ed25519") return scripted;
  const signature: CiphersuiteImpl["signature"] = {
    sign: async (key, message) => ed25519.sign(message, key),
    verify: async (key, message, made) => ed25519.verify(made, message, key),
    keygen: async () => {
      const signKey = ed25519.utils.randomSecretKey();
      return { signKey, publicKey: ed25519.getPublicKey(signKey) };
    },
  };
  return { ...scripted, signature };
}

/** The hybrid has a number that ts-mls does not know: it takes one as text and writes it as it is.
 *  Translation: the X-Wing of ts-mls derives a key pair from SHAKE256 of the input alone, as an older
 *  draft of X-Wing; ours as draft-ietf-hpke-pq, with labels. Encapsulation is theirs unchanged. */
async function hybrid(isNative: boolean): Promise<CiphersuiteImpl> {
  const kem = new XWing();
  const suite: Ciphersuite = {
    hash: "SHA-256",
    hpke: { kem: "X-Wing", aead: "AES128GCM", kdf: "HKDF-SHA256" },
    signature: "Ed25519",
    name: String(HYBRID) as CiphersuiteName,
  };
  const cs = await supplied(suite, isNative);
  await kem.generateKeyPair(); // loads what the next call needs
  const deriveKeyPair = async (ikm: Uint8Array) => {
    const labels = "HPKE-v1KEM\x64\x7a\x00\x0dDeriveKeyPair\x00\x20";
    const seed = createHash("shake256", { outputLength: 32 });
    seed.update(ikm).update(Buffer.from(labels, "latin1"));
    return kem.generateKeyPairDerand(new Uint8Array(seed.digest()));
  };
  return { ...cs, hpke: { ...cs.hpke, deriveKeyPair } as CiphersuiteImpl["hpke"] };
}

/** Signature keys. Translation: RFC 9420 has uncompressed points for the curves of NIST, and the keys
 *  that ts-mls 1.6.4 makes are compressed; it verifies with either. */
async function signatureKeys(suite: number, cs: CiphersuiteImpl) {
  const curve = { 2: p256, 5: p521, 7: p384 }[suite];
  if (curve) {
    const signKey = curve.utils.randomSecretKey();
    return { signKey, publicKey: curve.getPublicKey(signKey, false) };
  }
  if (suite === 4 || suite === 6) {
    const signKey = ed448.utils.randomSecretKey();
    return { signKey, publicKey: ed448.getPublicKey(signKey) };
  }
  return cs.signature.keygen();
}

type SigningKeys = Awaited<ReturnType<typeof signatureKeys>>;

class TsMls implements Member {
  readonly kind = "ts-mls";
  readonly #cs: CiphersuiteImpl;
  readonly #number: number;
  readonly #suite: number;
  readonly #before: TsMls | undefined;
  #signing: Promise<SigningKeys> | undefined;
  #keys: { publicPackage: KeyPackage; privatePackage: PrivateKeyPackage } | undefined;
  #state: ClientState | undefined;

  constructor(cs: CiphersuiteImpl, number: number, suite: number, before?: TsMls) {
    this.#cs = cs;
    this.#number = number;
    this.#suite = suite;
    this.#before = before;
    if (before) this.#signing = before.#signing;
  }

  get #now(): ClientState {
    if (!this.#state) throw new Error("in no group");
    return this.#state;
  }
  get #stateBefore(): ClientState | undefined {
    return this.#before ? this.#before.#state : undefined;
  }
  get #psks() {
    return makePskIndex(this.#stateBefore ?? this.#now, PSKS);
  }

  cannot(what: Offer["kind"] | "external psk") {
    if (what === "update") return "ts-mls 1.6.4 has no call that makes an Update";
    if (what === "external psk") return "joinGroupExternal() of ts-mls 1.6.4 takes no PSK";
    return undefined;
  }
  async successor(number: number) {
    return new TsMls(this.#cs, number, this.#suite, this);
  }
  async follows() {}

  async #fresh() {
    const identity = new TextEncoder().encode(`ts-mls ${this.#number}`);
    const capabilities = {
      versions: ["mls10" as const],
      ciphersuites: [this.#cs.name],
      extensions: [],
      proposals: [],
      credentials: ["basic" as const],
    };
    this.#signing ??= signatureKeys(this.#suite, this.#cs);
    const keys = await generateKeyPackageWithKey(
      { credentialType: "basic", identity },
      capabilities,
      defaultLifetime,
      [],
      await this.#signing,
      this.#cs,
    );
    this.#keys = keys;
    return keys;
  }

  async keyPackage() {
    const { publicPackage } = await this.#fresh();
    const message = { version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage };
    return encodeMlsMessage(message as MLSMessage).subarray(KEY_PACKAGE_HEADER.length);
  }
  async create(groupId: Uint8Array) {
    const { publicPackage, privatePackage } = await this.#fresh();
    this.#state = await createGroup(groupId, publicPackage, privatePackage, [], this.#cs);
  }
  async join(welcome: Uint8Array) {
    const message = decoded(welcome);
    if (message.wireformat !== "mls_welcome" || !this.#keys) throw new Error("no Welcome for us");
    const { publicPackage, privatePackage } = this.#keys;
    const before = this.#stateBefore;
    this.#state = await joinGroup(
      message.welcome,
      publicPackage,
      privatePackage,
      makePskIndex(before, PSKS),
      this.#cs,
      undefined,
      before,
    );
  }
  // Translation: ts-mls 1.6.4 takes the data of external_pub for the key itself; RFC 9420 has its size
  // before it. The GroupInfo is signed, so the size is dropped where the key is read.
  async joinExternal(info: Uint8Array) {
    const message = decoded(info);
    if (message.wireformat !== "mls_group_info") throw new Error("no GroupInfo");
    const sized = message.groupInfo.extensions.find((e) => e.extensionType === "external_pub");
    const { hpke } = this.#cs;
    const cs = {
      ...this.#cs,
      hpke: {
        ...hpke,
        importPublicKey: (key: Uint8Array) =>
          hpke.importPublicKey(
            key.length === sized?.extensionData.length ? key.slice(key.length < 66 ? 1 : 2) : key,
          ),
      },
    };
    const { publicPackage, privatePackage } = await this.#fresh();
    const joined = await joinGroupExternal(
      message.groupInfo,
      publicPackage,
      privatePackage,
      false,
      cs,
    );
    this.#state = joined.newState;
    return encodeMlsMessage({
      version: "mls10",
      wireformat: "mls_public_message",
      publicMessage: joined.publicMessage,
    });
  }
  // Translation, the other way: the extension with the size of RFC 9420, in a GroupInfo that ts-mls signs.
  async info() {
    const state = this.#now;
    const pair = await this.#cs.hpke.deriveKeyPair(state.keySchedule.externalSecret);
    const key = await this.#cs.hpke.exportPublicKey(pair.publicKey);
    const groupInfo = await createGroupInfo(
      state.groupContext,
      state.confirmationTag,
      state,
      [
        { extensionType: "external_pub", extensionData: vector(key) },
        { extensionType: "ratchet_tree", extensionData: encodeRatchetTree(state.ratchetTree) },
      ],
      this.#cs,
    );
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo });
  }
  #proposal(offer: Offer): Proposal {
    switch (offer.kind) {
      case "add": {
        const message = decoded(Uint8Array.of(...KEY_PACKAGE_HEADER, ...offer.add));
        if (message.wireformat !== "mls_key_package") throw new Error("no key package");
        return { proposalType: "add", add: { keyPackage: message.keyPackage } };
      }
      case "remove":
        return { proposalType: "remove", remove: { removed: offer.remove } };
      case "psk": {
        const pskNonce = this.#cs.rng.randomBytes(this.#cs.kdf.size);
        const preSharedKeyId = { psktype: "external" as const, pskId: PSK_ID, pskNonce };
        return { proposalType: "psk", psk: { preSharedKeyId } };
      }
      case "update":
        throw new Error(this.cannot("update"));
    }
  }
  // What branchGroup() and reinitCreateNewGroup() commit with; those give a Welcome without a tree.
  #resumption(): Proposal {
    const before = this.#stateBefore;
    if (!before) throw new Error("follows no group");
    const usage = before.groupActiveState.kind === "suspendedPendingReinit" ? "reinit" : "branch";
    const { id } = makeResumptionPsk(before, usage, this.#cs);
    return { proposalType: "psk", psk: { preSharedKeyId: id } };
  }
  #reinit(groupId: Uint8Array): Proposal {
    const { name } = this.#cs;
    const reinit = { groupId, version: "mls10" as const, cipherSuite: name, extensions: [] };
    return { proposalType: "reinit", reinit };
  }
  async commit(change: Change) {
    const extraProposals = [
      ...(change.add ?? []).map((add) => this.#proposal({ kind: "add", add })),
      ...(change.remove ?? []).map((remove) => this.#proposal({ kind: "remove", remove })),
      ...(change.psk ? [this.#proposal({ kind: "psk" })] : []),
      ...(change.resume ? [this.#resumption()] : []),
      ...(change.reinit ? [this.#reinit(change.reinit)] : []),
    ];
    const made = await createCommit(
      { state: this.#now, cipherSuite: this.#cs, pskIndex: this.#psks },
      { wireAsPublicMessage: change.public === true, extraProposals, ratchetTreeExtension: true },
    );
    this.#state = made.newState;
    const welcome = made.welcome
      ? encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome: made.welcome })
      : new Uint8Array();
    return { commit: encodeMlsMessage(made.commit), welcome };
  }
  async propose(offer: Offer, open: boolean) {
    const made = await createProposal(this.#now, open, this.#proposal(offer), this.#cs);
    this.#state = made.newState;
    return encodeMlsMessage(made.message);
  }
  async seal(text: string) {
    const bytes = new TextEncoder().encode(text);
    const made = await createApplicationMessage(this.#now, bytes, this.#cs);
    this.#state = made.newState;
    return encodeMlsMessage({
      version: "mls10",
      wireformat: "mls_private_message",
      privateMessage: made.privateMessage,
    });
  }
  async hear(bytes: Uint8Array): Promise<Heard> {
    const message = decoded(bytes);
    if (message.wireformat !== "mls_private_message" && message.wireformat !== "mls_public_message")
      throw new Error(`heard ${message.wireformat}`);
    const { epoch } = this.#now.groupContext;
    // Not processMessage(): in 1.6.4 that hears private commits without the pre-shared keys.
    const heard =
      message.wireformat === "mls_private_message"
        ? await processPrivateMessage(this.#now, message.privateMessage, this.#psks, this.#cs)
        : await processPublicMessage(this.#now, message.publicMessage, this.#psks, this.#cs);
    this.#state = heard.newState;
    if ("kind" in heard && heard.kind === "applicationMessage")
      return { kind: "text", text: new TextDecoder().decode(heard.message) };
    if (this.#now.groupActiveState.kind === "removedFromGroup") return { kind: "over", text: "" };
    return { kind: this.#now.groupContext.epoch === epoch ? "proposal" : "commit", text: "" };
  }
  async state() {
    const { groupContext, keySchedule, ratchetTree, privatePath } = this.#now;
    return {
      epoch: Number(groupContext.epoch),
      authenticator: Buffer.from(keySchedule.epochAuthenticator).toString("hex"),
      members: ratchetTree.filter((node) => node?.nodeType === "leaf").length,
      leaf: privatePath.leafIndex,
    };
  }
  async leave() {
    this.#state = undefined;
  }
}

function decoded(bytes: Uint8Array): MLSMessage {
  const read = decodeMlsMessage(bytes, 0);
  if (!read || read[1] !== bytes.length) throw new Error("ts-mls cannot read the message");
  return read[0];
}

/** Signatures, hashes and ciphers are native where WebCrypto has them, or else all JavaScript. */
export function tsMls({ isNative = true } = {}): Kind {
  return {
    name: isNative ? "ts-mls" : "ts-mls, no native code",
    member: async (number, suite) =>
      new TsMls(await implementation(suite, isNative), number, suite),
    end: () => undefined,
  };
}
