// The page after a meeting: a way back where there is one, and not for ever.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LeftPage } from "./left.ts";
import type { Shell } from "./page.ts";
import type { LeftView } from "./view.ts";

const shell = { changed: () => {}, rejoin: () => {}, home: () => {} } as unknown as Shell;
const invited = { meeting: "m", fragment: "f" };

test("the way back is offered only where the link still opens this meeting", () => {
  const offered: Readonly<Record<LeftView["why"], boolean>> = {
    left: true,
    gave_up: true,
    elsewhere: true,
    refused: true,
    removed: false, // the link was replaced
    link_replaced: false,
    place_lost: false,
    ended: false,
    ended_by_you: false,
  };
  for (const [why, is] of Object.entries(offered)) {
    const page = new LeftPage(shell, why as LeftView["why"], invited);
    assert.equal(page.view().rejoin !== undefined, is, why);
    page.close();
  }
});

test("after half a minute there is no way back by one press", (t) => {
  t.mock.timers.enable(["setTimeout"]);
  const page = new LeftPage(shell, "left", invited);
  t.mock.timers.tick(29_999);
  assert.ok(page.view().rejoin);
  t.mock.timers.tick(1);
  assert.equal(page.view().rejoin, undefined);
});
