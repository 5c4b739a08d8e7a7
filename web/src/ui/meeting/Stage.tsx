// The stage: who is where. Tiles never leave the list while their person is here, so that a picture goes
// on moving when it changes its place.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Drawn, MeetingView, Share, Tile } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import { neighbour } from "../keys.ts";
import { type Box, boxesOf, capFor, grid, large, pair, type Size, TILE_GAP } from "../layout.ts";
import { CopyButton, InviteLink, Picture } from "../parts.tsx";
import { NO_PLACES, nextPlaces, type Places } from "../places.ts";
import { isolate, t } from "../words.ts";
import { useSize } from "./hooks.ts";
import { TileItem } from "./Tile.tsx";

export interface StageProps {
  readonly view: MeetingView;
  readonly inert: boolean; // a panel lies over it
  readonly pinned: string | undefined; // a tile's key
  readonly onPin: (key: string) => void;
  readonly page: number; // from 0
  readonly onPages: (count: number) => void;
}

interface Arrangement {
  readonly tiles: readonly { readonly tile: Tile; readonly box: Box; readonly floating: boolean }[];
  readonly share?: Box;
  readonly alone?: Box;
  readonly columns: number;
  readonly pages: number;
  readonly more: number;
}

export function Stage(props: StageProps) {
  const { view, pinned } = props;
  const area = useRef<HTMLDivElement>(null);
  const size = useSize(area);
  const still = useChanged(`${size.width}x${size.height}`);
  const places = useRef<Places>(NO_PLACES);
  const arrangement = arrange(props, size, places);
  const [focused, setFocused] = useState<string>();
  const list = useRef<HTMLUListElement>(null);
  useDrawn(view, arrangement);
  const { pages } = arrangement;
  useEffect(() => props.onPages(pages), [pages]);
  const shown = arrangement.tiles;
  const focusIndex = Math.max(
    0,
    shown.findIndex(({ tile }) => tile.key === focused),
  );
  const move = (from: number) => (key: string) => {
    const rtl = getComputedStyle(list.current as Element).direction === "rtl";
    const buttons = list.current?.querySelectorAll<HTMLButtonElement>(".tile-button") ?? [];
    const to = neighbour(from, key, arrangement.columns, buttons.length, rtl);
    buttons[to]?.focus();
    return true;
  };
  return (
    <main class="stage" id="stage" aria-label={t("stage")} tabIndex={-1} inert={props.inert}>
      <div class="stage-area" ref={area}>
        {view.share && arrangement.share && (
          <ShareView view={view} share={view.share} box={arrangement.share} />
        )}
        {arrangement.alone && <Alone view={view} box={arrangement.alone} />}
        <ul class="tiles" aria-label={t("stage-people")} ref={list}>
          {shown.map(({ tile, box, floating }, i) => (
            <TileItem
              key={tile.key}
              tile={tile}
              box={box}
              place={i + 1}
              count={view.tiles.length}
              pinned={tile.key === pinned}
              floating={floating}
              still={still}
              more={i === shown.length - 1 ? arrangement.more : 0}
              focusable={i === focusIndex}
              onPin={() => props.onPin(tile.key)}
              onFocus={() => setFocused(tile.key)}
              onArrow={move(i)}
            />
          ))}
        </ul>
      </div>
    </main>
  );
}

/** True in the draw in which `value` is another than in the draw before. */
function useChanged(value: string): boolean {
  const before = useRef(value);
  const changed = before.current !== value;
  useLayoutEffect(() => {
    before.current = value;
  });
  return changed;
}

function arrange(props: StageProps, size: Size, places: { current: Places }): Arrangement {
  const { view, pinned } = props;
  const nothing = { tiles: [], columns: 1, pages: 1, more: 0 };
  if (size.width === 0 || size.height === 0) return nothing;
  const big = view.tiles.find((tile) => tile.key === pinned);
  if (view.share || big) return arrangeLarge(view, big, size);
  const [only, second] = view.tiles;
  if (view.tiles.length === 1 && only?.person.isSelf) return arrangeAlone(only, size);
  if (view.tiles.length === 2 && only && second?.person.isSelf)
    return arrangePair(only, second, size);
  return arrangeGrid(props, size, places);
}

/** Here nothing overlaps: the invitation must be whole, so on a narrow stage oneself is under it. */
function arrangeAlone(own: Tile, size: Size): Arrangement {
  const two = pair(size);
  const box = two.overlaps ? { ...two.own, x: (size.width - two.own.width) / 2 } : two.own;
  const alone = two.overlaps ? { ...two.other, height: two.own.y - TILE_GAP } : two.other;
  return { tiles: [{ tile: own, box, floating: false }], alone, columns: 1, pages: 1, more: 0 };
}

function arrangePair(other: Tile, own: Tile, size: Size): Arrangement {
  const two = pair(size);
  const tiles = [
    { tile: other, box: two.other, floating: false },
    { tile: own, box: two.own, floating: two.overlaps },
  ];
  return { tiles, columns: 2, pages: 1, more: 0 };
}

function capOf(view: MeetingView): number {
  return Math.min(capFor(window.innerWidth), view.mostTiles);
}

/** A pin beats a share; the others, oneself last and always in sight, go beside. */
function arrangeLarge(view: MeetingView, big: Tile | undefined, size: Size): Arrangement {
  const others = view.tiles.filter((tile) => tile !== big);
  const boxes = large(others.length, size, capOf(view));
  const room = boxes.others.length;
  const front = Math.max(1, room - 1);
  const withOwn = [...others.slice(0, front), ...others.slice(-1)];
  const shown = room < others.length ? withOwn.slice(0, room) : others;
  const tiles = shown.flatMap((tile, i) => {
    const box = boxes.others[i];
    return box ? [{ tile, box, floating: false }] : [];
  });
  if (big) tiles.unshift({ tile: big, box: boxes.large, floating: false });
  const more = others.length - shown.length;
  const columns = Math.max(1, tiles.length);
  if (big) return { tiles, columns, pages: 1, more };
  return { tiles, share: boxes.large, columns, pages: 1, more };
}

function arrangeGrid(props: StageProps, size: Size, places: { current: Places }): Arrangement {
  const all = props.view.tiles;
  const g = grid(all.length, size, capOf(props.view));
  const pages = Math.ceil(all.length / g.shown);
  const page = Math.min(props.page, pages - 1);
  places.current = nextPlaces(
    places.current,
    all.map(({ key, person }) => ({ key, speaking: person.speaking })),
    g.shown,
    performance.now(),
  );
  const first = places.current.keys.flatMap((key) => all.filter((tile) => tile.key === key));
  const rest = all.filter((tile) => !first.includes(tile));
  const from = (page - 1) * g.shown;
  const shown = page === 0 ? first : rest.slice(from, from + g.shown);
  const boxes = boxesOf(page === 0 ? g : grid(shown.length, size, g.shown), size);
  const tiles = shown.flatMap((tile, i) => {
    const box = boxes[i];
    return box ? [{ tile, box, floating: false }] : [];
  });
  return { tiles, columns: g.columns, pages, more: all.length - tiles.length };
}

/** Tells the app what is on screen, and how tall, when that changes. */
function useDrawn(view: MeetingView, arrangement: Arrangement): void {
  const told = useRef("");
  useEffect(() => {
    const scale = window.devicePixelRatio;
    const drawn: Drawn[] = arrangement.tiles
      .filter(({ tile }) => !tile.person.isSelf)
      .map(({ tile, box }) => ({ key: tile.key, height: Math.round(box.height * scale) }));
    if (view.share && arrangement.share) {
      drawn.push({ key: view.share.key, height: Math.round(arrangement.share.height * scale) });
    }
    const now = JSON.stringify(drawn);
    if (now === told.current) return;
    told.current = now;
    view.shown(drawn);
  });
}

function styleOf(box: Box) {
  return {
    insetInlineStart: `${box.x}px`,
    top: `${box.y}px`,
    width: `${box.width}px`,
    height: `${box.height}px`,
  };
}

function ShareView({ view, share, box }: { view: MeetingView; share: Share; box: Box }) {
  const own = share.person.isSelf;
  return (
    <section
      class={own ? "share share-own" : "share"}
      style={styleOf(box)}
      aria-label={t("share-label", { name: own ? t("tile-you") : share.person.name })}
      data-person={share.person.id}
      data-share="on"
      data-picture={share.picture ? "on" : "off"}
    >
      {share.picture ? (
        <Picture stream={share.picture} whole />
      ) : (
        <p class="share-wait">{t("share-waiting")}</p>
      )}
      <p class="tile-name share-name">
        <span class="tile-mic tile-mic-on">
          <Icon name="screen" />
        </span>
        <span class="tile-who">
          {own ? t("share-own") : t("share-by", { name: isolate(share.person.name) })}
        </span>
        {own && view.sharing.toggle && (
          <button type="button" class="share-stop" onClick={view.sharing.toggle}>
            {t("share-stop")}
          </button>
        )}
      </p>
    </section>
  );
}

function Alone({ view, box }: { view: MeetingView; box: Box }) {
  return (
    <section class="alone" style={styleOf(box)}>
      <div class="alone-card">
        <h2>{t("alone-title")}</h2>
        <p class="lead">{t("alone-line")}</p>
        <InviteLink invite={view.invite} />
        <CopyButton invite={view.invite} label={t("invite-copy")} class="button-primary" />
        {view.invite.thisComputerOnly && <p class="hint hint-warn">{t("invite-here-only")}</p>}
      </div>
    </section>
  );
}
