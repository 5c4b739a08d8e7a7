// The steps that every test of a meeting takes, as people take them.

/** Opens the start address, starts a meeting, goes in under `as`; gives the invite link. */
export async function startMeeting(person, server, as) {
  await person.open(server.startAddress);
  await person.press("Start a meeting");
  const link = await person.until(() => {
    const secret = document.querySelector(".link-secret");
    return secret && secret.parentElement.textContent.trim();
  });
  await person.press("Go in");
  await enter(person, as);
  return link.startsWith("http") ? link : `${new URL(server.origin).protocol}//${link}`;
}

export async function joinByLink(person, link, as) {
  await person.open(link);
  await enter(person, as);
}

async function enter(person, as) {
  await person.until(() => !!document.querySelector("input"));
  await person.type("Your name", as);
  await person.press("Join");
  await person.until(() => !!document.querySelector("[data-self=true]"), null, 15000, "own tile");
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
