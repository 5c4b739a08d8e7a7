// What a guest's browser loads, keeps and shows: nothing of another host, nothing that stays, and
// four screens without an accessibility fault.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { askAndEnter, joinByLink, startMeeting } from "./lib/meeting.mjs";
import { chromium, firefox } from "./lib/people.mjs";
import { root, sleep, startServer } from "./lib/server.mjs";

const axe = readFileSync(join(root, "web/node_modules/axe-core/axe.min.js"), "utf8");

/** Accessibility faults of the page as it stands, WCAG 2.0 to 2.2, A and AA. */
async function faults(person) {
  await person.page.evaluate(axe);
  return person.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations } = await window.axe.run(document, { runOnly: { type: "tag", values: tags } });
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  });
}

/** Once the colours have faded over. */
async function scheme(person, colorScheme) {
  await person.page.emulateMedia({ colorScheme });
  await sleep(500);
}

/** Everything that a page could leave behind. */
function kept(person) {
  return person.evaluate(async () => ({
    cookie: document.cookie,
    local: localStorage.length,
    session: sessionStorage.length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
}

const NOTHING = { cookie: "", local: 0, session: 0, databases: 0, caches: 0, workers: 0 };

describe("a guest's browser", () => {
  let server, host, guest, fox, link;
  before(async () => {
    server = await startServer({ port: 18111 });
    host = await chromium({ name: "Host" });
    guest = await chromium({ name: "Guest" });
    fox = await firefox({ name: "Fox" });
    link = await startMeeting(host, server, "Host");
  });
  after(async () => {
    await Promise.all([host?.close(), guest?.close(), fox?.close()]);
    await server?.end();
  });

  test("axe finds nothing on home, join, meeting and leave page, light and dark", async () => {
    await guest.open(server.origin);
    await sleep(500);
    for (const colorScheme of ["light", "dark"]) {
      await scheme(guest, colorScheme);
      assert.deepEqual(await faults(guest), [], `home, ${colorScheme}`);
    }
    await guest.open(link);
    await guest.until(() => !!document.querySelector("input"));
    for (const colorScheme of ["light", "dark"]) {
      await scheme(guest, colorScheme);
      assert.deepEqual(await faults(guest), [], `join, ${colorScheme}`);
    }
    await askAndEnter(guest, link, "Guest");
    await sleep(500);
    assert.deepEqual(await faults(guest), [], "meeting");
    await guest.press("Leave");
    await guest.until(() => document.querySelector("h1")?.textContent.includes("left"));
    for (const colorScheme of ["light", "dark"]) {
      await scheme(guest, colorScheme);
      assert.deepEqual(await faults(guest), [], `left, ${colorScheme}`);
    }
  });

  test("keeps nothing: no cookie, no storage, in Chromium and Firefox (PRV-16)", async () => {
    await joinByLink(fox, link, "Fox");
    await sleep(500);
    for (const person of [guest, fox]) assert.deepEqual(await kept(person), NOTHING, person.name);
  });

  test("is not a host's, which keeps how its own door stood, and nothing else (PRV-16)", async () => {
    assert.deepEqual(await kept(host), { ...NOTHING, databases: 1 });
    const stores = await host.evaluate(async () => {
      const done = (request) =>
        new Promise((resolve) => {
          request.onsuccess = () => resolve(request.result);
        });
      const database = await done(indexedDB.open("incamera"));
      const all = [...database.objectStoreNames].map(async (name) => {
        const store = database.transaction(name).objectStore(name);
        return [name, await done(store.getAllKeys()), await done(store.getAll())];
      });
      const found = await Promise.all(all);
      database.close();
      return found;
    });
    const [[, ...checks], [, [meeting], [door]]] = stores;
    assert.deepEqual([stores.map(([name]) => name), checks], [["checks", "doors"], [[], []]]);
    assert.equal(meeting, new URL(link).pathname.slice(1));
    const year = door.until - Date.now();
    assert.ok(year > 364 * 86_400_000 && year <= 365 * 86_400_000);
    assert.deepEqual({ ...door, until: 0 }, { until: 0, door: { linkVersion: 1, flags: 0 } });
  });

  test("loads nothing from another host, and never sends the link's secret (PRV-05)", () => {
    const secret = link.split("#")[1];
    assert.equal(secret.length, 87);
    for (const person of [host, guest, fox]) {
      assert.ok(person.requests.length > 2, `${person.name} requested ${person.requests.length}`);
      for (const address of person.requests.filter((a) => !a.startsWith("data:"))) {
        const { origin } = new URL(address.replace(/^blob:/, ""));
        assert.equal(origin.replace(/^ws/, "http"), server.origin, address);
        assert.ok(!address.split("#")[0].includes(secret), "the secret is in a request");
      }
    }
  });

  test("takes no text as markup, code or a worker, and makes no policy that would (Trusted Types)", async () => {
    const thrown = () => {
      const nameOf = (act) => {
        try {
          act();
          return "nothing";
        } catch (error) {
          return error.name;
        }
      };
      return [
        nameOf(() => (document.createElement("div").innerHTML = "<img src=x>")),
        nameOf(() => (document.createElement("script").text = "1")),
        nameOf(() => new Worker("/e2ee-worker.js")),
        nameOf(() => window.trustedTypes.createPolicy("incamera", {})),
        nameOf(() => window.trustedTypes.createPolicy("other", {})),
      ];
    };
    await guest.open("about:blank"); // the page of one who left goes on, with the name that was typed
    await joinByLink(guest, link, "Guest"); // so the page has made its own policy, and its worker runs
    assert.deepEqual(await guest.evaluate(thrown), Array(5).fill("TypeError"));
    await guest.open("about:blank"); // a link opened in a meeting stays in it
  });

  test("a browser that cannot transform frames is refused before joining, in a plain sentence (SEC-04)", async () => {
    await guest.page.addInitScript(() => delete window.RTCRtpScriptTransform);
    await guest.open("about:blank");
    await guest.open(link);
    await guest.until(() => document.body.innerText.includes("cannot encrypt"), null, 5000, "the refusal");
    const buttons = await guest.evaluate(() =>
      [...document.querySelectorAll("button")].filter((b) => !b.disabled).map((b) => b.textContent.trim()),
    );
    assert.ok(!buttons.includes("Ask to join"), `buttons: ${buttons}`);
  });

  test("the server's answers carry the strict headers", async () => {
    const answer = await fetch(server.origin);
    const policy = answer.headers.get("content-security-policy");
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
    assert.doesNotMatch(policy, /unsafe-inline|https?:|\*/);
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.match(answer.headers.get("permissions-policy"), /camera=\(self\)/);
    assert.equal(answer.headers.get("set-cookie"), null);
  });
});
