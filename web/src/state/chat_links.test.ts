// Which addresses in a message may be pressed, and which only look like one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Link, partsOf, resembled } from "./chat_links.ts";

const kinds = (text: string) => partsOf(text).map(({ what }) => what);
const linkOf = (text: string): Link => {
  const [part] = partsOf(text);
  return part?.what === "link" ? part.link : assert.fail(text);
};

test("an address is a link with its host and the rest, the sentence around it is not (CHT-01)", () => {
  assert.deepEqual(partsOf("See https://Example.org/a?b#c, please."), [
    { what: "text", text: "See " },
    {
      what: "link",
      link: { target: "https://example.org/a?b#c", user: "", host: "example.org", rest: "/a?b#c" },
    },
    { what: "text", text: ", please." },
  ]);
  assert.equal(linkOf("https://example.org").rest, "");
  assert.equal(linkOf("https://example.org:8443/x").host, "example.org:8443");
  assert.equal(linkOf("mailto:maya@example.org").host, "example.org");
});

test("only https and mailto become links (CHT-07)", () => {
  const others = [
    "http://example.org",
    "file:///etc/passwd",
    "\\\\host\\share",
    "smb://host/share",
    "javascript:alert(1)",
    "data:text/html,x",
    "ms-word:ofe|u|x",
    "//example.org",
    "www.example.org",
    "xhttps://example.org",
    "mailto:a@example.org?bcc=b@example.org",
    "mailto:a@example.org,b@example.org",
    "https://localhost/",
  ];
  for (const text of others) assert.deepEqual(kinds(text), ["text"], text);
});

test("an address that hides where it goes is marked and no link (CHT-04)", () => {
  const tricks = [
    "https://paypal.example@evil.example/",
    "https://user:word@evil.example/",
    "https://3232235777/",
    "https://0xc0a80101/",
    "https://0300.0250.1.1/",
    "https://192.168.1.1/",
    "https://[::1]/",
    "https://pаypal.example/", // one Cyrillic letter
    "https://ｐａｙｐａｌ.example/",
    "https://paypal。example/",
    "https://pay\u200dpal.example/",
    "https://paypal%2eexample/",
    "https:\\\\evil.example",
    "https://good.example\\@evil.example/",
    "https://example.org./",
    "https://αpple.example/",
  ];
  for (const text of tricks)
    assert.ok(!kinds(text).includes("link"), `${text} ${JSON.stringify(partsOf(text))}`);
  for (const text of tricks.filter((t) => !t.startsWith("https:\\")))
    assert.deepEqual(kinds(text), ["hiding"], text);
});

test("a host in other letters is there in both forms", () => {
  const link = linkOf("https://пример.example/");
  assert.equal(link.host, "xn--e1afmkfd.example");
  assert.equal(link.typed, "пример.example");
  assert.equal(linkOf("https://日本abc.example/").typed, "日本abc.example");
});

test("nothing of a text is lost or added", () => {
  const text = "a https://a.example/(b) c\nhttps://x@y.example d (https://e.example).";
  const joined = partsOf(text)
    .map((p) => (p.what === "link" ? `https://${p.link.host}${p.link.rest}` : p.text))
    .join("");
  assert.equal(joined, text);
});

test("a host that could be taken for a known one is told apart", () => {
  const known = ["paypal.example", "meet.example"];
  const like = (text: string) => resembled(linkOf(text), known);
  assert.equal(like("https://paypa1.example/"), "paypal.example");
  assert.equal(like("https://paypai.example/"), "paypal.example");
  assert.equal(like("https://rneet.example/"), "meet.example");
  assert.equal(like("https://раураӏ.example/"), "paypal.example", "all Cyrillic");
  assert.equal(like("https://paypal.example.evil.example/"), "paypal.example");
  assert.equal(like("https://paypal.example/login"), undefined);
  assert.equal(like("https://other.example/"), undefined);
});
