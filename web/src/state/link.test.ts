import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressBar, linkTo, readLink, readPlace } from "./link.ts";

const origin = "https://meet.example";
const meeting = "AAECAwQFBgcICQoLDA0ODw";
const fragment = `AQ${"a".repeat(42)}`;
const token = "q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c";

const places: { what: string; path: string; page: string }[] = [
  { what: "the front page", path: "/", page: "home" },
  { what: "a start address", path: `/start#${token}`, page: "start" },
  { what: "a start address cut short", path: `/start#${token.slice(1)}`, page: "home" },
  { what: "a start address without its token", path: "/start", page: "home" },
  { what: "a link", path: `/${meeting}#${fragment}`, page: "meeting" },
  { what: "a link without its secret", path: `/${meeting}`, page: "broken" },
  { what: "a link cut short", path: `/${meeting}#${fragment.slice(0, 43)}`, page: "broken" },
  { what: "a link with more behind it", path: `/${meeting}#${fragment}.`, page: "broken" },
  { what: "a link of another version", path: `/${meeting}#Ag${"a".repeat(42)}`, page: "broken" },
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

function fakeWindow(path: string) {
  const listeners = new Map<string, () => void>();
  const location = new URL(path, origin);
  const history = {
    replaceState: (_state: null, _title: string, to: string) => {
      location.href = new URL(to, origin).href;
    },
  };
  const addEventListener = (name: string, act: () => void) => listeners.set(name, act);
  const window = { location, history, addEventListener } as unknown as Window;
  return { window, location, fire: (name: string) => listeners.get(name)?.() };
}

test("the secret leaves the address bar at once and is back for a reload", async () => {
  const { window, location, fire } = fakeWindow(`/${meeting}#${fragment}`);
  const bar = new AddressBar(window);
  assert.deepEqual(bar.read(), { page: "meeting", meeting, fragment });
  assert.equal(location.href, `${origin}/${meeting}`);
  fire("beforeunload");
  assert.equal(location.href, linkTo(origin, meeting, fragment));
  await new Promise((done) => setTimeout(done, 5));
  assert.equal(location.href, `${origin}/${meeting}`, "the page stayed after all");
  fire("pagehide");
  assert.equal(location.href, linkTo(origin, meeting, fragment));
  fire("pageshow");
  assert.equal(location.href, `${origin}/${meeting}`);
});

test("a place that the app shows itself has no secret in the address", () => {
  const { window, location, fire } = fakeWindow("/");
  const bar = new AddressBar(window);
  bar.read();
  fire("pagehide");
  assert.equal(location.href, `${origin}/`);
  bar.show(`/${meeting}`, fragment);
  assert.equal(location.href, `${origin}/${meeting}`);
  fire("pagehide");
  assert.equal(location.href, linkTo(origin, meeting, fragment));
});
