// Where tiles go. Pure arithmetic on CSS pixels: the largest tile between two shapes that fits, as the
// interface's design describes it. Nothing here knows of people or of the page.

export const TILE_GAP = 8;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly x: number; // from the inline start
  readonly y: number;
}

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  readonly shown: number;
  readonly width: number; // of one tile
  readonly height: number;
}

interface Shapes {
  readonly narrowest: number; // width divided by height
  readonly widest: number;
  readonly minWidth: number;
  readonly minHeight: number;
}

const LANDSCAPE: Shapes = { narrowest: 4 / 3, widest: 16 / 9, minWidth: 176, minHeight: 99 };
const UPRIGHT_PHONE: Shapes = { narrowest: 3 / 4, widest: 4 / 3, minWidth: 120, minHeight: 90 };

/** The largest tile of an allowed shape in a cell, or nothing when it is too small to be of use. */
function tileIn(cell: Size, shapes: Shapes, alone: boolean): Size | undefined {
  if (cell.width <= 0 || cell.height <= 0) return undefined;
  const wide = cell.width / cell.height > shapes.narrowest;
  let width = wide ? Math.min(cell.width, cell.height * shapes.widest) : cell.width;
  let height = wide ? cell.height : cell.width / shapes.narrowest;
  height = Math.min(height, cell.height);
  width = Math.min(width, cell.width, height * shapes.widest);
  height = Math.min(height, width / shapes.narrowest);
  const tooSmall = width < shapes.minWidth || height < shapes.minHeight;
  return tooSmall && !alone ? undefined : { width, height };
}

function bestOf(shown: number, stage: Size, shapes: Shapes): Grid | undefined {
  let best: { area: number; holes: number; grid: Grid } | undefined;
  for (let columns = 1; columns <= shown; columns++) {
    const rows = Math.ceil(shown / columns);
    if ((columns - 1) * rows >= shown) continue; // an empty column
    const cell = {
      width: (stage.width - TILE_GAP * (columns - 1)) / columns,
      height: (stage.height - TILE_GAP * (rows - 1)) / rows,
    };
    const tile = tileIn(cell, shapes, shown === 1);
    if (!tile) continue;
    const area = Math.round(tile.width * tile.height);
    const holes = columns * rows - shown;
    if (best && (area < best.area || (area === best.area && holes >= best.holes))) continue;
    const width = Math.floor(tile.width);
    const height = Math.floor(tile.height);
    best = { area, holes, grid: { columns, rows, shown, width, height } };
  }
  return best?.grid;
}

function isUpright(stage: Size): boolean {
  return stage.width < 600 && stage.height > stage.width;
}

/** How `count` tiles share a stage. Fewer than all are shown when they would be too small. */
export function grid(count: number, stage: Size, cap = 25, upright = isUpright(stage)): Grid {
  const shapes = upright ? UPRIGHT_PHONE : LANDSCAPE;
  for (let shown = Math.min(count, cap); shown > 0; shown--) {
    const found = bestOf(shown, stage, shapes);
    if (found) return found;
  }
  const width = Math.max(0, Math.floor(stage.width));
  return { columns: 1, rows: 1, shown: 1, width, height: Math.max(0, Math.floor(stage.height)) };
}

/** The boxes of a grid, centred in the stage, its last row too. */
export function boxesOf(g: Grid, stage: Size): Box[] {
  const { columns, rows, shown, width, height } = g;
  const top = (stage.height - rows * height - (rows - 1) * TILE_GAP) / 2;
  return Array.from({ length: shown }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, shown - row * columns);
    const start = (stage.width - inRow * width - (inRow - 1) * TILE_GAP) / 2;
    const x = Math.round(start + (i % columns) * (width + TILE_GAP));
    return { x, y: Math.round(top + row * (height + TILE_GAP)), width, height };
  });
}

/** Two people: the other fills the stage; oneself has a lane, or on a narrow stage the lower corner. */
export function pair(stage: Size): { other: Box; own: Box; overlaps: boolean } {
  const lane = stage.width > (stage.height * 4) / 3 && stage.width >= 600;
  const width = lane
    ? Math.round(Math.min(256, stage.width * 0.18))
    : Math.round(Math.min(160, Math.max(96, stage.width * 0.28)));
  const tallest = stage.height * 0.45;
  const height = Math.round(lane ? (width * 9) / 16 : Math.min((width * 4) / 3, tallest));
  const own = { x: stage.width - width, y: stage.height - height, width, height };
  if (!lane) {
    const inset = 12;
    const other = { x: 0, y: 0, width: stage.width, height: stage.height };
    return { other, own: { ...own, x: own.x - inset, y: own.y - inset }, overlaps: true };
  }
  const other = { x: 0, y: 0, width: stage.width - width - TILE_GAP, height: stage.height };
  return { other, own, overlaps: false };
}

/** One large picture and the others: in a strip under it, or on an upright stage in a grid under it. */
export function large(count: number, stage: Size, cap = 25): { large: Box; others: Box[] } {
  const whole = { x: 0, y: 0, width: stage.width, height: stage.height };
  if (count === 0) return { large: whole, others: [] };
  if (isUpright(stage)) return largeUpright(count, stage, cap);
  const fourth = ((stage.width - 3 * TILE_GAP) / 4) * (9 / 16); // four fit beside each other
  const strip = Math.floor(Math.max(64, Math.min(148, stage.height * 0.2, fourth)));
  const width = Math.floor((strip * 16) / 9);
  const fit = Math.max(1, Math.floor((stage.width + TILE_GAP) / (width + TILE_GAP)));
  const shown = Math.min(count, fit, cap);
  const top = stage.height - strip;
  const start = Math.round((stage.width - shown * width - (shown - 1) * TILE_GAP) / 2);
  const others = Array.from({ length: shown }, (_, i) => {
    return { x: start + i * (width + TILE_GAP), y: top, width, height: strip };
  });
  return { large: { ...whole, height: top - TILE_GAP }, others };
}

function largeUpright(count: number, stage: Size, cap: number): { large: Box; others: Box[] } {
  const height = Math.round(Math.min((stage.width * 3) / 4, stage.height * 0.5));
  const rest = { width: stage.width, height: stage.height - height - TILE_GAP };
  const boxes = boxesOf(grid(count, rest, cap, true), rest);
  const others = boxes.map((box) => ({ ...box, y: box.y + height + TILE_GAP }));
  return { large: { x: 0, y: 0, width: stage.width, height }, others };
}

/** How many tiles a stage may hold, by the width of the window. */
export function capFor(windowWidth: number): number {
  if (windowWidth < 600) return 8;
  return windowWidth < 1024 ? 16 : 25;
}
