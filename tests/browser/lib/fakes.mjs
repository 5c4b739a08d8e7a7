// What a test camera and a test microphone give: a colour that says who it is, a bar that moves one
// step each frame, and a tone of a known pitch. Made when first wanted, kept under build/.
import { writeFileSync } from "node:fs";
import { kept, wav, y4m } from "../../lib/raw_media.mjs";

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 32;
const BAR = WIDTH / FRAMES;

/** Limited-range BT.601, as cameras give. */
function yuv([r, g, b]) {
  return [
    Math.round(16 + 0.257 * r + 0.504 * g + 0.098 * b),
    Math.round(128 - 0.148 * r - 0.291 * g + 0.439 * b),
    Math.round(128 + 0.439 * r - 0.368 * g - 0.071 * b),
  ];
}

/** A raw video (Y4M) of `colour` [r, g, b] with a white bar in the lowest quarter; gives its path. */
export function camera(name, colour, frames = FRAMES, width = WIDTH, height = HEIGHT) {
  return kept("fakes", `${name}.y4m`, (file) =>
    writeFileSync(file, y4m(width, height, barFrames(colour, frames, width, height))),
  );
}

function* barFrames(colour, frames, width, height) {
  const [y, u, v] = yuv(colour);
  for (let i = 0; i < frames; i++) {
    const luma = Buffer.alloc(width * height, y);
    const from = Math.floor((i * width) / FRAMES);
    for (let row = Math.floor(height * 0.75); row < height; row++)
      luma.fill(235, row * width + from, row * width + from + Math.floor(BAR * (width / WIDTH)));
    yield [luma, Buffer.alloc((width * height) / 4, u), Buffer.alloc((width * height) / 4, v)];
  }
}

/** Squares of chance greys, others in each frame: an encoder needs all the bits that it may have for them. */
export function snow(name, width, height) {
  return kept("fakes", `${name}.y4m`, (file) => writeFileSync(file, y4m(width, height, snowing(width, height))));
}

function* snowing(width, height) {
  const side = 16;
  let seed = 1;
  const grey = () => 100 + ((seed = (seed * 1103515245 + 12345) % 2 ** 31) >> 16) % 48;
  for (let i = 0; i < 16; i++) {
    const luma = Buffer.alloc(width * height);
    for (let y = 0; y < height; y += side) {
      for (let x = 0; x < width; x += side) luma.fill(grey(), y * width + x, y * width + x + side);
      for (let row = 1; row < side && y + row < height; row++)
        luma.copyWithin((y + row) * width, y * width, (y + 1) * width);
    }
    yield [luma, Buffer.alloc((width * height) / 4, 128), Buffer.alloc((width * height) / 4, 128)];
  }
}

/** A drawn person before a wall, nodding: for pictures that people look at. Gives the path. */
export function portrait(name, look) {
  return kept("fakes", `${name}.y4m`, (file) => writeFileSync(file, y4m(WIDTH, HEIGHT, nodding(look))));
}

function* nodding({ wall, skin, hair, shirt }) {
  for (let i = 0; i < 20; i++) {
    const nod = Math.round(6 * Math.sin((2 * Math.PI * i) / 20));
    yield [drawn((x, y) => personAt(x, y - nod, wall, skin, hair, shirt))];
  }
}

function personAt(x, y, wall, skin, hair, shirt) {
  const inside = (cx, cy, rx, ry) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
  if (inside(596, 318, 9, 11) || inside(684, 318, 9, 11)) return [34, 28, 26];
  if (inside(640, 398, 34, 16) && y > 398) return skin.map((v) => v * 0.62);
  if (inside(640, 326, 104, 134) && y > 250) return skin;
  if (inside(640, 300, 126, 140) && y < 330) return hair;
  if (inside(640, 470, 52, 80)) return skin.map((v) => v * 0.88);
  if (inside(640, 790, 330, 290)) return shirt;
  return wall.map((v) => v * (1.06 - y / 2400 - x / 9000));
}

function drawn(colourAt) {
  const frame = Buffer.alloc((WIDTH * HEIGHT * 3) / 2);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const [luma, u, v] = yuv(colourAt(x, y));
      frame[y * WIDTH + x] = luma;
      if (x % 2 || y % 2) continue;
      const at = WIDTH * HEIGHT + (y / 2) * (WIDTH / 2) + x / 2;
      frame[at] = u;
      frame[at + (WIDTH * HEIGHT) / 4] = v;
    }
  return frame;
}

/** Ten seconds of a sine of `hertz`; gives its path. */
export function microphone(hertz) {
  return kept("fakes", `${hertz}.wav`, (file) => writeFileSync(file, wav(hertz, 10, 12_000)));
}
