// Links: what an address means, and where its secret is while the page lives and is unloaded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressBar, linkTo, readLink, readPlace } from "./link.ts";

const origin = "https://meet.example";
const meeting = "AAECAwQFBgcICQoLDA0ODw";
const fragment = `Ag${"a".repeat(84)}A`;
const firstStage = `AQ${"a".repeat(42)}`;
const token = "q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c";

const places: { what: string; path: string; page: string }[] = [
  { what: "the front page", path: "/", page: "home" },
  { what: "a start address", path: `/start#${token}`, page: "start" },
  { what: "a start address cut short", path: `/start#${token.slice(1)}`, page: "home" },
  { what: "a start address without its token", path: "/start", page: "home" },
  { what: "a link", path: `/${meeting}#${fragment}`, page: "meeting" },
  { what: "a link without its secret", path: `/${meeting}`, page: "broken" },
  { what: "a link cut short", path: `/${meeting}#${fragment.slice(0, 86)}`, page: "broken" },
  { what: "a link with more behind it", path: `/${meeting}#${fragment}.`, page: "broken" },
  { what: "the host's own link", path: `/${meeting}#Aw${fragment.slice(2)}`, page: "meeting" },
  { what: "one person's invite", path: `/${meeting}#BA${fragment.slice(2)}`, page: "meeting" },
  { what: "a link of the first stage", path: `/${meeting}#${firstStage}`, page: "old" },
  { what: "a link of a later version", path: `/${meeting}#BQ${fragment.slice(2)}`, page: "broken" },
  {
    what: "a meeting id with spare bits",
    path: `/${meeting.slice(0, 21)}x#${fragment}`,
    page: "home",
  },
];

for (const { what, path, page } of places) {
  test(`the address of ${what} is read as ${page}`, () => {
    assert.equal(readPlace(new URL(path, origin)).page, page);
  });
}

test("a link put together is read as the same meeting and secret", () => {
  const link = linkTo(origin, meeting, fragment);
  assert.deepEqual(readLink(` ${link}\n`, origin), { page: "meeting", meeting, fragment });
});

test("a pasted text that is no link of this server opens nothing", () => {
  const texts = ["", "hello", `/${meeting}#${fragment}`, origin, `javascript:alert(1)#${fragment}`];
  texts.push(linkTo("https://other.example", meeting, fragment), `${origin}/start#${token}`);
  for (const text of texts) assert.deepEqual(readLink(text, origin), { page: "broken" });
});

function fakeWindow(path: string, state: unknown = null) {
  const listeners: [string, () => void][] = [];
  const location = new URL(path, origin);
  const history = {
    state,
    replaceState: (next: unknown, _title: string, to: string) => {
      history.state = next;
      location.href = new URL(to, origin).href;
    },
  };
  const addEventListener = (name: string, act: () => void) => listeners.push([name, act]);
  const fire = (name: string) => {
    for (const [each, act] of listeners) if (each === name) act();
  };
  const window = { location, history, addEventListener } as unknown as Window;
  return { window, location, history, fire };
}

test("the secret leaves the address bar at once, and a reload finds it again", () => {
  const { window, location, history, fire } = fakeWindow(`/${meeting}#${fragment}`);
  const bar = new AddressBar(window);
  assert.deepEqual(bar.read(), { page: "meeting", meeting, fragment });
  assert.equal(location.href, `${origin}/${meeting}`);
  assert.equal(history.state, null);
  fire("beforeunload");
  assert.equal(location.href, `${origin}/${meeting}`);
  assert.deepEqual(new AddressBar(window).read(), { page: "meeting", meeting, fragment });
  fire("pagehide");
  assert.deepEqual(history.state, { secret: fragment });
  fire("pageshow");
  assert.equal(history.state, null);
});

test("what else was left beside the address is not a secret", () => {
  for (const state of [7, "x", {}, { secret: 7 }, { secret: `${fragment}.` }]) {
    const { window } = fakeWindow(`/${meeting}`, state);
    assert.deepEqual(new AddressBar(window).read(), { page: "broken" });
  }
});

test("a place that the app shows itself has no secret in the address", () => {
  const { window, location, history, fire } = fakeWindow("/");
  const bar = new AddressBar(window);
  bar.read();
  fire("pagehide");
  assert.equal(history.state, null);
  bar.show(`/${meeting}`, fragment);
  assert.equal(location.href, `${origin}/${meeting}`);
  fire("pagehide");
  assert.deepEqual(history.state, { secret: fragment });
  fire("pageshow");
});
