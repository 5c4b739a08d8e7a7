// Personal invites as a host sees them: whom one is for stays here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Invites } from "./invites.ts";

const event = (number: number, good: number, text = "") => ({
  what: "invite" as const,
  epoch: number,
  number: good,
  text,
  leaf: 0,
  participant: "",
});

test("an invite that was asked for gets its label and link, another host's has neither", () => {
  const invites = new Invites();
  invites.asked("Priya");
  invites.heard(event(2, 1));
  invites.heard(event(3, 1, "BAfragment"));
  assert.deepEqual(invites.good, [
    { number: 2 },
    { number: 3, label: "Priya", fragment: "BAfragment" },
  ]);
  invites.heard(event(3, 1));
  assert.equal(invites.get(3)?.fragment, "BAfragment", "told again without the link");
});

test("a withdrawn invite is gone, and one that could not be made leaves no label behind", () => {
  const invites = new Invites();
  invites.asked("Dan");
  invites.notMade("Dan");
  invites.asked("Priya");
  invites.heard(event(1, 1, "BAone"));
  assert.equal(invites.get(1)?.label, "Priya");
  invites.heard(event(1, 0));
  assert.deepEqual(invites.good, []);
});
