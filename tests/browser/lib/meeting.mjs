// The steps that every test of a meeting takes, as people take them.

/** Who started the meeting of a link, and so may let people in. */
const hosts = new Map();

/** Opens the start address, starts a meeting, goes in under `as`; gives the invite link. */
export async function startMeeting(person, server, as) {
  await person.open(server.startAddress);
  await person.press("Start a meeting");
  const shown = await person.until(() => {
    const secret = document.querySelector(".link-secret");
    return secret && secret.parentElement.textContent.trim();
  });
  await person.press("Go in");
  await ask(person, as, "Join");
  await inside(person);
  const link = shown.startsWith("http") ? shown : `${new URL(server.origin).protocol}//${shown}`;
  hosts.set(link, person);
  return link;
}

/** Knocks, and is let in: by the person who started the meeting, or by a headless host without a word. */
export async function joinByLink(person, link, as) {
  await person.open(link);
  await askAndEnter(person, link, as);
}

/** The same from the join page. */
export async function askAndEnter(person, link, as) {
  await ask(person, as);
  const host = hosts.get(link);
  if (host) await letIn(host, as);
  await inside(person);
}

/** Types a name and presses the one button: the host just joins. */
export async function ask(person, as, button = "Ask to join") {
  await person.until(() => !!document.querySelector("input"));
  await person.type("Your name", as);
  await person.press(button);
}

export function inside(person) {
  return person.until(() => !!document.querySelector("[data-self=true]"), null, 20000, "own tile");
}

/** The host lets in who knocks under this name: looks at the queue, and says yes twice. */
export async function letIn(host, as) {
  const pressIn = ([selector, name, button]) => {
    const named = (e) => [...e.querySelectorAll("bdi")].some((b) => b.textContent === name);
    const all = [...document.querySelectorAll(selector)].filter(named);
    const pressed = all.flatMap((e) => [...e.querySelectorAll("button")]).find((b) => b.textContent.startsWith(button));
    pressed?.click();
    return !!pressed;
  };
  const isOpen = () => !!document.querySelector(".queue");
  if (!(await host.evaluate(isOpen))) {
    await host.page.keyboard.press("w");
    await host.until(isOpen, null, 10000, "the queue");
  }
  await host.until(pressIn, [".knocker", as, "Let in"], 20000, `${as} waits`);
  await host.until(pressIn, ["dialog, [role=dialog], [role=alertdialog]", as, "Let in"], 5000, "the second thought");
  await host.page.keyboard.press("Escape"); // the queue gives its room back to the pictures
}

/** Turns a tool on, if it is off: "Microphone" or "Camera". */
export async function turnOn(person, tool) {
  await person.press(tool);
  await person.until(
    (name) =>
      [...document.querySelectorAll("button[aria-pressed=true]")].some((b) =>
        (b.getAttribute("aria-label") ?? b.textContent).startsWith(name),
      ),
    tool,
    10000,
    `${tool} lit`,
  );
}

/** Waits until the tile of `who` has a picture. */
export function picture(person, who, ms = 20000) {
  return person.until(
    (name) =>
      [...document.querySelectorAll("[data-person][data-picture=on]")].some((t) => t.textContent.includes(name)),
    who,
    ms,
    `the picture of ${who}`,
  );
}
