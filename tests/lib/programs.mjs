// Where the programs under test are: in the release build, or in the folder that BUILD names.
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const build = path.resolve(root, process.env.BUILD ?? "build/release");

export const server = path.join(build, "src/server/incamera");
export const worker = path.join(build, "src/worker/incamera-media");
export const client = path.join(build, "src/client/incamera-client");
export const hostile = path.join(build, "tests/client/incamera-hostile");
export const accomplice = path.join(build, "tests/client/incamera-accomplice");
export const teller = path.join(build, "tests/client/incamera-teller");
export const fakeWorker = path.join(build, "tests/server/fake_worker");

export const browsers = {
  chromium: process.env.CHROMIUM ?? path.join(root, "tests/browser/lib/chromium"),
  firefox: process.env.FIREFOX ?? path.join(root, "tests/browser/lib/firefox-esr"),
};
