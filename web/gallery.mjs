// Builds the gallery: every screen with made-up people, to be photographed by tests. Never shipped:
// `node web/gallery.mjs [folder]`, by default into build/gallery.
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPages } from "./build.mjs";

const web = dirname(fileURLToPath(import.meta.url));

export async function buildGallery(out = join(dirname(web), "build/gallery")) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, "assets"), { recursive: true });
  await buildPages(out, "gallery/gallery.tsx", "src/ui/style.css", join(web, "src/index.html"));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildGallery(process.argv[2] ? resolve(process.argv[2]) : undefined);
}
