// Drawn people, in place of cameras: our own figures, painted on a canvas that becomes a stream.

const SKIN = [
  "#f0c9a8",
  "#8d5a3b",
  "#d9a27a",
  "#5f3d2a",
  "#f3d5bd",
  "#b97f55",
  "#e6b48f",
  "#754c33",
];
const HAIR = [
  "#2a211d",
  "#17130f",
  "#6b4a2e",
  "#1d1a1b",
  "#b98a4e",
  "#2e2320",
  "#8b8580",
  "#211a17",
];
const CLOTH = [
  "#2f6f68",
  "#8a5a44",
  "#3e4f74",
  "#a8763e",
  "#6d5b7e",
  "#48684c",
  "#87404a",
  "#4d5a60",
];
const WALL = [
  ["#d8d3c6", "#b9b2a0"],
  ["#b9c6c1", "#8fa39c"],
  ["#cfc3b4", "#a8977f"],
  ["#aab6c0", "#7f8f9c"],
  ["#c8bdb6", "#9a8b83"],
  ["#bcc4ae", "#8f9a7c"],
  ["#d3c9bd", "#b0a08c"],
  ["#a9b3b3", "#7b8988"],
] as const;

type HairStyle = "short" | "long" | "curly" | "scarf";
const STYLES: readonly HairStyle[] = [
  "short",
  "curly",
  "scarf",
  "short",
  "long",
  "short",
  "long",
  "long",
];

const BODY =
  "M138 362c0-62 54-90 120-102 20-4 28-10 30-22h64c2 12 10 18 30 22 66 12 120 40 120 102z";
const NECK = "M286 196h68v44c-6 22-24 32-34 32s-28-10-34-32z";
const FACE = "M258 146c0-46 24-76 62-76s62 30 62 76c0 54-26 92-62 92s-62-38-62-92z";
const SHADE = "M320 70c38 0 62 30 62 76 0 54-26 92-62 92z";
const SHORT =
  "M254 146c-6-58 22-90 66-90s72 32 66 90c-4-20-10-32-20-40-26 4-66 2-88-8-14 10-20 22-24 48z";
const LONG =
  "M255 152c-2-54 24-84 65-84s67 30 65 84c-3-24-14-42-34-50-22 14-52 20-80 15-8 9-13 20-16 35z";
const LONG_BACK = "M244 150c0-62 30-98 76-98s76 36 76 98c0 56 10 96 22 128H222c12-32 22-72 22-128z";
const SCARF_BACK =
  "M232 168c-4-76 34-122 88-122s92 46 88 122c-2 50-6 84 30 122H202c36-38 32-72 30-122z";
const SCARF =
  "M254 158c0-50 26-80 66-80s66 30 66 80c0 30-8 56-28 74 40-10 58-40 50-86-8-56-40-86-88-86s-80 30-88 86c-8 46 10 76 50 86-20-18-28-44-28-74z";
const CURLS = [
  [262, 122, 24],
  [276, 92, 26],
  [304, 72, 27],
  [336, 72, 27],
  [364, 92, 26],
  [378, 122, 24],
  [320, 86, 30],
] as const;

function paint(c: CanvasRenderingContext2D, who: number): void {
  const at = <T>(list: readonly T[]) => list[who % list.length] as T;
  const fill = (path: string, colour: string) => {
    c.fillStyle = colour;
    c.fill(new Path2D(path));
  };
  const style = at(STYLES);
  const [light, dark] = at(WALL);
  const wall = c.createLinearGradient(0, 0, 640, 360);
  wall.addColorStop(0, light);
  wall.addColorStop(1, dark);
  c.fillStyle = wall;
  c.fillRect(0, 0, 640, 360);
  fill("M0 0h250l-150 360H0z", "rgb(255 255 255 / 0.1)");
  if (style === "long") fill(LONG_BACK, at(HAIR));
  if (style === "scarf") fill(SCARF_BACK, at(CLOTH));
  fill(BODY, at(CLOTH));
  fill(NECK, at(SKIN));
  fill(FACE, at(SKIN));
  const shade = c.createLinearGradient(320, 0, 382, 0);
  shade.addColorStop(0, "rgb(0 0 0 / 0)");
  shade.addColorStop(1, "rgb(0 0 0 / 0.16)");
  c.fillStyle = shade;
  c.fill(new Path2D(SHADE));
  paintFeatures(c);
  if (style === "short") fill(SHORT, at(HAIR));
  if (style === "long") fill(LONG, at(HAIR));
  if (style === "scarf") fill(SCARF, at(CLOTH));
  if (style === "curly") {
    for (const [x, y, r] of CURLS)
      fill(`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`, at(HAIR));
  }
}

function paintFeatures(c: CanvasRenderingContext2D): void {
  c.fillStyle = "rgb(35 28 25 / 0.8)";
  for (const x of [293, 347]) {
    c.beginPath();
    c.ellipse(x, 148, 4.5, 5.5, 0, 0, 7);
    c.fill();
  }
  c.lineCap = "round";
  c.lineWidth = 4;
  c.strokeStyle = "rgb(35 28 25 / 0.5)";
  c.stroke(new Path2D("M282 128c7-5 15-5 21-1M337 127c6-4 14-4 21 1"));
  c.strokeStyle = "rgb(90 45 34 / 0.6)";
  c.stroke(new Path2D("M302 200c11 9 25 9 36 0"));
}

function streamOf(
  width: number,
  height: number,
  draw: (c: CanvasRenderingContext2D) => void,
): MediaStream {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context) {
    draw(context);
    // A stream gives a frame when something is painted, and a late viewer needs one too.
    setInterval(() => draw(context), 250);
  }
  return canvas.captureStream(4);
}

/** The camera of person `who`. */
export function portrait(who: number): MediaStream {
  return streamOf(1280, 720, (c) => {
    c.setTransform(2, 0, 0, 2, 0, 0);
    paint(c, who);
  });
}

/** A shared slide. */
export function slide(): MediaStream {
  return streamOf(1600, 900, (c) => {
    c.fillStyle = "#fdfcf8";
    c.fillRect(0, 0, 1600, 900);
    c.fillStyle = "#17211e";
    c.font = "600 56px sans-serif";
    c.fillText("Placements, spring term", 110, 150);
    c.fillStyle = "#46514d";
    c.font = "32px sans-serif";
    c.fillText("Places filled by week", 110, 212);
    [120, 180, 220, 290, 360, 400, 430, 450].forEach((height, i) => {
      c.fillStyle = i < 6 ? "#0d6858" : "#cfe4dd";
      c.fillRect(140 + i * 172, 760 - height, 100, height);
    });
    c.fillStyle = "#ddd8cb";
    c.fillRect(110, 760, 1400, 3);
  });
}
