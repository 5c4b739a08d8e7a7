// Members of our MLS library in groups with members of ts-mls, and the native build with the one in
// WebAssembly: the same flows and the same random walk for every pair, all members compared after
// each step. MLS_WALK_SEED takes another seed, MLS_WALK_STEPS another length.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { HYBRID, type Kind, type Member, type Offer } from "./mls_member.ts";
import { tsMls } from "./mls_others.ts";
import { native, wasm } from "./mls_ours.ts";
import { built } from "./testing.ts";

const GROUP = new TextEncoder().encode("interop");
const SEED = Number(process.env.MLS_WALK_SEED ?? 1);
const STEPS = 200;
const SLOW_STEPS = 20; // their curves take ts-mls 10 to 30 ms a signature
const SLOW_SUITES: readonly number[] = [4, 5, 6, 7];
const MEMBERS_MAX = 6;
const NOT_HERE = 5; // IC_ERR_NOT_FOUND

/** A group as a test sees it: who is in it, and all hear what one says. */
class Room {
  readonly #suite: number;
  readonly members: Member[] = [];
  #numbers = 0;

  constructor(suite: number) {
    this.#suite = suite;
  }

  newcomer(kind: Kind): Promise<Member> {
    this.#numbers += 1;
    return kind.member(this.#numbers, this.#suite);
  }

  async found(kind: Kind): Promise<Member> {
    const founder = await this.newcomer(kind);
    await founder.create(GROUP);
    this.members.push(founder);
    return founder;
  }

  /** All but the speaker hear it; who is removed by it leaves. */
  async tell(speaker: Member, message: Uint8Array, kind: string): Promise<void> {
    for (const member of [...this.members].filter((m) => m !== speaker)) {
      const heard = await member.hear(message).catch((why: unknown) => {
        throw new Error(`${member.kind} cannot hear a ${kind} of ${speaker.kind}: ${why}`);
      });
      if (heard.kind !== "over") assert.equal(heard.kind, kind);
      else await this.#gone(member);
    }
  }

  async #gone(member: Member): Promise<void> {
    this.members.splice(this.members.indexOf(member), 1);
    await member.leave();
  }

  async commit(by: Member, change: Parameters<Member["commit"]>[0], newcomers: Member[] = []) {
    const { commit, welcome } = await by.commit(change);
    await this.tell(by, commit, "commit");
    for (const newcomer of newcomers) {
      await newcomer.join(welcome);
      this.members.push(newcomer);
    }
    await this.agree();
  }

  async add(by: Member, kind: Kind, open = false): Promise<Member> {
    const newcomer = await this.newcomer(kind);
    await this.commit(by, { add: [await newcomer.keyPackage()], public: open }, [newcomer]);
    return newcomer;
  }

  async joinExternal(kind: Kind, by: Member, psk = false): Promise<Member> {
    const newcomer = await this.newcomer(kind);
    const withPsk = psk && !newcomer.cannot("external psk");
    const commit = await newcomer.joinExternal(await by.info(), withPsk);
    await this.tell(newcomer, commit, "commit");
    this.members.push(newcomer);
    await this.agree();
    return newcomer;
  }

  async remove(by: Member, whom: Member, open = false): Promise<void> {
    const { leaf } = await whom.state();
    await this.commit(by, { remove: [leaf], public: open });
    assert.ok(!this.members.includes(whom));
  }

  async propose(by: Member, offer: Offer, open = false): Promise<void> {
    await this.tell(by, await by.propose(offer, open), "proposal");
  }

  async say(by: Member, text: string): Promise<void> {
    const sealed = await by.seal(text);
    for (const member of this.members)
      if (member !== by) assert.deepEqual(await member.hear(sealed), { kind: "text", text });
  }

  async agree(): Promise<void> {
    const [first, ...others] = await Promise.all(this.members.map((m) => m.state()));
    assert.ok(first);
    assert.equal(first.members, this.members.length);
    for (const [i, other] of others.entries())
      assert.deepEqual({ ...other, leaf: first.leaf }, first, this.members[i + 1]?.kind);
  }

  /** The same people in another group, which the first of them founds: the one that this was closed
   * for, or a branch. */
  async follow(groupId: Uint8Array): Promise<Room> {
    const next = new Room(this.#suite);
    next.#numbers = this.#numbers + this.members.length;
    const people: Member[] = [];
    for (const [i, member] of this.members.entries())
      people.push(await member.successor(this.#numbers + 1 + i));
    const [founder, ...others] = people as [Member, ...Member[]];
    await founder.create(groupId);
    next.members.push(founder);
    const add: Uint8Array[] = [];
    for (const other of others) add.push(await other.keyPackage());
    await next.commit(founder, { add, resume: true }, others);
    for (const member of next.members) await member.follows();
    return next;
  }

  async end(): Promise<void> {
    for (const member of this.members) await member.leave();
  }
}

/** Each thing that can be done, by members of `a` and heard by `b` and others of `a`. */
async function everyFlow(suite: number, a: Kind, b: Kind): Promise<void> {
  const room = new Room(suite);
  const founder = await room.found(a);
  const other = await room.add(founder, b);
  await room.say(founder, "from the founder");
  await room.say(other, "from the newcomer");
  const third = await room.add(other, a, true);
  const fourth = await room.joinExternal(b, founder, true);
  const fifth = await room.joinExternal(a, fourth, true);
  for (const member of room.members) {
    await room.commit(member, {});
    await room.commit(member, { public: true, psk: true });
    await room.say(member, "after a commit");
  }
  for (const [by, committer, open] of [
    [founder, other, false],
    [other, founder, true],
  ] as const) {
    if (!by.cannot("update")) await room.propose(by, { kind: "update" }, open);
    await room.propose(by, { kind: "psk" }, !open);
    const newcomer = await room.newcomer(by === founder ? b : a);
    await room.propose(by, { kind: "add", add: await newcomer.keyPackage() }, open);
    await room.commit(committer, { public: open }, [newcomer]);
    const { leaf } = await newcomer.state();
    await room.propose(by, { kind: "remove", remove: leaf }, open);
    await room.commit(committer, { public: !open });
    assert.ok(!room.members.includes(newcomer));
  }
  await room.remove(fourth, third);
  await room.remove(fifth, other, true);
  await room.remove(founder, fifth);
  await room.remove(fourth, founder);
  await room.end();
}

/** A branch of a group, then another that the group is closed for. */
async function followers(suite: number, a: Kind, b: Kind): Promise<void> {
  const room = new Room(suite);
  const founder = await room.found(a);
  const other = await room.add(founder, b);
  await room.add(other, a);
  const branch = await room.follow(new TextEncoder().encode("branch"));
  for (const member of branch.members) await branch.say(member, "in the branch");
  await branch.end();
  await room.say(other, "still here");
  const id = new TextEncoder().encode("the next group");
  await room.commit(other, { reinit: id });
  const next = await room.follow(id);
  for (const member of next.members) {
    await next.commit(member, {});
    await next.say(member, "in the next group");
  }
  await next.end();
  await room.end();
}

/** A number generator, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

async function walk(suite: number, kinds: readonly [Kind, Kind], seed: number, steps: number) {
  const next = random(seed);
  const room = new Room(suite);
  const kind = () => kinds[next(2)] ?? kinds[0];
  const somebody = () => room.members[next(room.members.length)] as Member;
  const open = () => next(2) === 0;

  const grow = async () => {
    if (next(2) === 0) await room.add(somebody(), kind(), open());
    else await room.joinExternal(kind(), somebody());
  };
  const shrink = async () => {
    const by = somebody();
    const whom = somebody();
    if (by !== whom) await room.remove(by, whom, open());
  };
  const refresh = () => room.commit(somebody(), { public: open(), psk: next(2) === 0 });
  const talk = () => room.say(somebody(), `text ${next(1000)}`);
  const byReference = async () => {
    const by = somebody();
    if (by.cannot("update")) await room.propose(by, { kind: "psk" }, open());
    else await room.propose(by, { kind: "update" }, open());
    const committers = room.members.filter((m) => m !== by);
    await room.commit(committers[next(committers.length)] as Member, { public: open() });
  };

  await room.found(kinds[0]);
  await room.add(somebody(), kinds[1]);
  for (let step = 0; step < steps; step++) {
    const count = room.members.length;
    const choices =
      count < 2
        ? [grow]
        : [
            count < MEMBERS_MAX ? grow : shrink,
            count > 2 ? shrink : grow,
            refresh,
            talk,
            byReference,
          ];
    const chosen = choices[next(choices.length)] ?? grow;
    try {
      await chosen();
      await room.agree();
    } catch (why) {
      throw new Error(`seed ${seed}, step ${step}: ${chosen.name}`, { cause: why });
    }
  }
  await room.end();
}

async function available(kinds: readonly Kind[], suite: number): Promise<string | undefined> {
  for (const kind of kinds)
    try {
      await (await kind.member(0, suite)).leave();
    } catch (why) {
      if (!String(why).includes(`!${NOT_HERE}`)) throw why;
      return `suite ${suite} is not in ${kind.name}`;
    }
  return undefined;
}

const here = native(built("tests/e2ee/mls_peer"));
const there = await wasm(built("tests/e2ee/mls_peer.wasm"));
const others = tsMls();
after(() => here.end());

for (const [a, b, suites] of [
  [here, others, [1, 2, 3, 4, 5, 6, 7, HYBRID]],
  [there, others, [1, 3, HYBRID]],
  [here, there, [1, 3, HYBRID]],
] as const)
  for (const suite of suites) {
    const name = suite === HYBRID ? "the hybrid suite" : `suite ${suite}`;
    const missing = await available([a, b], suite);
    const skip = missing ?? false;
    test(
      `${a.name} founds, ${b.name} joins, and each hears all of the other: ${name}`,
      { skip },
      () => everyFlow(suite, a, b),
    );
    test(
      `${b.name} founds, ${a.name} joins, and each hears all of the other: ${name}`,
      { skip },
      () => everyFlow(suite, b, a),
    );
    for (const [founds, joins] of SLOW_SUITES.includes(suite)
      ? []
      : [[a, b] as const, [b, a] as const])
      test(
        `a branch and the group after ReInit, founded by ${founds.name}: ${name}`,
        { skip },
        () => followers(suite, founds, joins),
      );
    test(`${a.name} and ${b.name} agree at every step of a random walk: ${name}`, {
      skip,
    }, async (t) => {
      const usual = SLOW_SUITES.includes(suite) ? SLOW_STEPS : STEPS;
      const steps = Number(process.env.MLS_WALK_STEPS ?? usual);
      t.diagnostic(`seed ${SEED}, ${steps} steps`);
      await walk(suite, [a, b], SEED, steps);
    });
  }
