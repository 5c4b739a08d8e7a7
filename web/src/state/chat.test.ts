// What becomes of messages here: whose links are links, what is cut out before one is said, and that
// nothing stays.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHAT_MOST, Chat, cleaned, excess } from "./chat.ts";

const HOST = { participant: "h", name: "Amara", isHost: true };
const GUEST = { participant: "g", name: "Sam", isHost: false };
const chatOf = () =>
  new Chat("meet.example", {
    owner: async () => (host) => host.split(".").slice(-2).join("."),
    changed: () => {},
  });
const kinds = (chat: Chat) => chat.said.map(({ parts }) => parts.map(({ what }) => what));

test("a host's links are links, a guest's stay plain text (CHT-03)", () => {
  const chat = chatOf();
  chat.add(HOST, "https://a.example/", 0);
  chat.add(GUEST, "https://a.example/ https://x@y.example/", 1);
  assert.deepEqual(kinds(chat), [["link"], ["text"]]);
});

test("a host lets guests' links be links, also those that are here, and takes it back (CHT-03)", () => {
  const chat = chatOf();
  chat.add(GUEST, "https://rneet.example/", 0);
  chat.allowLinks(true);
  chat.add(GUEST, "https://a.example/", 1);
  assert.deepEqual(kinds(chat), [["link"], ["link"]]);
  assert.equal(chat.said[0]?.resembles.get("https://rneet.example/"), "meet.example");
  chat.allowLinks(false);
  assert.deepEqual(kinds(chat), [["text"], ["text"]]);
});

test("a link like the server's or like an earlier one is told apart (CHT-04)", () => {
  const chat = chatOf();
  chat.add(HOST, "https://rneet.example/ https://ward.example/", 0);
  chat.add(HOST, "https://vvard.example/", 1);
  chat.add(HOST, "https://ward.example/other", 2);
  const found = chat.said.map(({ resembles }) => [...resembles]);
  assert.deepEqual(found, [
    [["https://rneet.example/", "meet.example"]],
    [["https://vvard.example/", "ward.example"]],
    [["https://ward.example/other", "vvard.example"]],
  ]);
});

test("what somebody registered of a host is known once that is loaded (CHT-01)", async () => {
  const chat = chatOf();
  const owned = () =>
    chat.said.flatMap(({ parts }) => parts.map((p) => p.what === "link" && p.link.owned));
  chat.add(HOST, "https://meet.example.evil.example:8443/", 0);
  assert.deepEqual(owned(), [undefined]);
  await chat.prepare();
  assert.deepEqual(owned(), ["evil.example"]);
  chat.add(HOST, "mailto:sam@mail.ward.example", 1);
  assert.deepEqual(owned(), ["evil.example", "ward.example"]);
});

test("what could not be sent is taken back once, to be said again", () => {
  const chat = chatOf();
  const key = chat.add(GUEST, "Hello", 0);
  assert.equal(chat.takeBack(key), undefined, "it was sent");
  chat.setFailed(key);
  assert.equal(chat.takeBack(key), "Hello");
  assert.equal(chat.takeBack(key), undefined);
  assert.deepEqual(chat.said, []);
});

test("only so many are held, and in the end none (CHT-12)", () => {
  const chat = chatOf();
  for (let i = 0; i < 1010; i++) chat.add(GUEST, `${i}`, i);
  assert.equal(chat.said.length, 1000);
  assert.equal(chat.said[0]?.text, "10");
  chat.clear();
  assert.deepEqual(chat.said, []);
});

test("what is not seen is not said, and what scripts and emoji need stays", () => {
  assert.equal(cleaned("  a\r\nb\tc\u202e\u200f\u0007\u{e0067} "), "a\nb c");
  const persian = "می\u200cخواهم";
  assert.equal(cleaned(persian), persian);
  assert.equal(cleaned("👩\u200d👧 ❤\ufe0f"), "👩\u200d👧 ❤\ufe0f");
  assert.equal(cleaned("\u200b\u2066 \n"), "");
});

test("the longest message is counted in characters", () => {
  assert.equal(excess("👋".repeat(CHAT_MOST)), 0);
  assert.equal(excess("👋".repeat(CHAT_MOST + 3)), 3);
});
