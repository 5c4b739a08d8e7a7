// Raw pictures and sound for tests, as files that are made when first wanted and kept under build/.
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { root } from "./programs.mjs";

const RATE = 48_000;

/** The path of `build/FOLDER/NAME`; `make(path)` writes it if it is not there. */
export function kept(folder, name, make) {
  const file = path.join(root, "build", folder, name);
  if (existsSync(file)) return file;
  mkdirSync(path.dirname(file), { recursive: true });
  make(file);
  return file;
}

/** A Y4M file; a frame is its planes, 4:2:0. */
export function y4m(width, height, frames, rate = 30) {
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`)];
  for (const planes of frames) parts.push(Buffer.from("FRAME\n"), ...planes);
  return Buffer.concat(parts);
}

/** A WAV file with a sine of `hertz`: 48 kHz, mono, 16 bits. */
export function wav(hertz, seconds, amplitude) {
  const count = RATE * seconds;
  const bytes = Buffer.alloc(44 + 2 * count);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + 2 * count, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(2 * RATE, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36);
  bytes.writeUInt32LE(2 * count, 40);
  for (let i = 0; i < count; i++)
    bytes.writeInt16LE(Math.round(amplitude * Math.sin((2 * Math.PI * hertz * i) / RATE)), 44 + 2 * i);
  return bytes;
}
