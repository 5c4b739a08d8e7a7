// One person on the stage: a moving picture or initials, the name, and what is live. A press makes the
// person large for oneself alone. Oneself is not pressed, and keeps the last place.
import { Component, createRef } from "preact";
import type { Person, Tile } from "../../state/view.ts";
import { Icon } from "../icons.tsx";
import type { Box } from "../layout.ts";
import { Avatar, Picture } from "../parts.tsx";
import { t } from "../words.ts";
import { isUnchecked } from "./Checked.tsx";

export interface TileProps {
  readonly tile: Tile;
  readonly box: Box;
  readonly place: number; // from 1
  readonly count: number;
  readonly pinned: boolean;
  readonly floating: boolean; // over the other's picture, on a narrow stage
  readonly still: boolean; // do not glide: the window is changing
  readonly more: number; // people who are not on screen, told on the last tile
  readonly focusable: boolean;
  readonly onPin: () => void;
  readonly onFocus: () => void;
  readonly onArrow: (key: string) => boolean;
}

/** Drawn anew only when something of it looks different: voices alone change the view ten times a second. */
export class TileItem extends Component<TileProps> {
  readonly #item = createRef<HTMLLIElement>();
  #glide: { readonly animation: Animation; readonly from: { x: number; y: number } } | undefined;

  override shouldComponentUpdate(next: TileProps): boolean {
    return !looksLike(this.props, next);
  }

  override componentDidUpdate({ box }: TileProps): void {
    if (this.#item.current && !this.props.still) this.#glideFrom(box, this.#item.current);
  }

  // By a transform, for which nothing is laid out while it moves; nothing here asks for a style, which would
  // lay all of it out at once. Who is moving goes on from there.
  #glideFrom(before: Box, item: HTMLElement): void {
    const { x, y } = way(before, this.props.box);
    if ((x === 0 && y === 0) || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const left = 1 - (this.#glide?.animation.effect?.getComputedTiming().progress ?? 1);
    const sideways = document.documentElement.dir === "rtl" ? -x : x;
    const from = {
      x: sideways + left * (this.#glide?.from.x ?? 0),
      y: y + left * (this.#glide?.from.y ?? 0),
    };
    this.#glide?.animation.cancel();
    const moves = [{ transform: `translate(${from.x}px, ${from.y}px)` }, { transform: "none" }];
    this.#glide = { from, animation: item.animate(moves, GLIDE) };
  }

  readonly #pin = () => this.props.onPin();
  readonly #focus = () => this.props.onFocus();
  readonly #arrow = (event: KeyboardEvent) => {
    if (event.key.startsWith("Arrow") && this.props.onArrow(event.key)) event.preventDefault();
  };

  render(props: TileProps) {
    const { tile, box } = props;
    const { person } = tile;
    return (
      <li
        ref={this.#item}
        class={classOf(props)}
        style={{
          insetInlineStart: `${box.x}px`,
          top: `${box.y}px`,
          width: `${box.width}px`,
          height: `${box.height}px`,
          "--tile-width": `${box.width}px`,
          "--tile-height": `${box.height}px`,
        }}
        data-person={person.id}
        data-self={person.isSelf}
        data-picture={tile.picture ? "on" : "off"}
      >
        {person.isSelf ? (
          // biome-ignore lint/a11y/useSemanticElements: a tile is no group of form fields
          <div class="tile-face" role="group" aria-label={labelOf(props)}>
            <Face tile={tile} />
          </div>
        ) : (
          <button
            type="button"
            class="tile-face tile-button"
            aria-label={labelOf(props)}
            aria-pressed={props.pinned}
            tabIndex={props.focusable ? 0 : -1}
            onClick={this.#pin}
            onFocus={this.#focus}
            onKeyDown={this.#arrow}
          >
            <Face tile={tile} />
          </button>
        )}
        <Tags {...props} />
      </li>
    );
  }
}

function classOf({ tile: { person, picture }, box, floating }: TileProps): string {
  const classes = ["tile"];
  if (person.speaking) classes.push("tile-speaking");
  if (person.reconnecting) classes.push("tile-away");
  if (floating) classes.push("tile-floating");
  if (person.isSelf && !picture) classes.push("tile-own-off");
  if (box.width < 200) classes.push("tile-small");
  return classes.join(" ");
}

/** From the middle of one box to that of another. */
function way(from: Box, to: Box): { x: number; y: number } {
  const middle = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  return { x: middle(from).x - middle(to).x, y: middle(from).y - middle(to).y };
}

const GLIDE = { duration: 320, easing: "cubic-bezier(0.2, 0, 0, 1)" }; // --d-3 and --ease of the tokens

const LOOKS = ["place", "count", "pinned", "floating", "more", "focusable"] as const;
const BOX = ["x", "y", "width", "height"] as const;
const PERSON = [
  "id",
  "name",
  "initials",
  "colour",
  "isSelf",
  "isHost",
  "microphoneOn",
  "cameraOn",
  "speaking",
  "reconnecting",
  "away",
  "hand",
  "check",
] as const;

function looksLike(a: TileProps, b: TileProps): boolean {
  return (
    a.tile.picture === b.tile.picture &&
    LOOKS.every((what) => a[what] === b[what]) &&
    BOX.every((what) => a.box[what] === b.box[what]) &&
    PERSON.every((what) => a.tile.person[what] === b.tile.person[what])
  );
}

function Face({ tile }: { tile: Tile }) {
  const { picture, person } = tile;
  return (
    <>
      {picture ? <Picture stream={picture} mirrored={person.isSelf} /> : <NoPicture tile={tile} />}
      <NameTag tile={tile} />
    </>
  );
}

/** Holds every word that is seen on the tile, for those who speak to their computer. */
function labelOf({ tile, place, count }: TileProps): string {
  const { person } = tile;
  return t("tile-name", {
    name: person.name,
    self: person.isSelf ? "yes" : "no",
    role: roleOf(person),
    microphone: person.microphoneOn ? "on" : "off",
    camera: person.cameraOn ? "on" : "off",
    speaking: person.speaking ? "yes" : "no",
    hand: person.hand > 0 ? "up" : "down",
    missing: person.reconnecting ? "reconnecting" : person.away ? "away" : "no",
    place,
    count,
  });
}

/** As in the catalogue. */
function roleOf({ isHost, check }: Person): string {
  if (check === "checked") return isHost ? "host-checked" : "checked";
  return isHost ? "host" : "guest";
}

function NoPicture({ tile: { person } }: { tile: Tile }) {
  if (person.isSelf) {
    return (
      <span class="tile-off">
        <Icon name="camera-off" size="large" />
        <span>{t(person.cameraOn ? "tile-you" : "tile-you-off")}</span>
      </span>
    );
  }
  return (
    <span class="tile-off">
      <Avatar
        initials={person.initials}
        colour={person.colour}
        unchecked={isUnchecked(person)}
        class="avatar-tile"
      />
    </span>
  );
}

function NameTag({ tile }: { tile: Tile }) {
  const { person } = tile;
  if (person.isSelf && !tile.picture && !person.microphoneOn) return null;
  return (
    <span class="tile-name">
      <span class={person.microphoneOn ? "tile-mic tile-mic-on" : "tile-mic"}>
        <Icon name={person.microphoneOn ? "microphone" : "microphone-off"} />
      </span>
      {person.isSelf ? <span>{t("tile-you")}</span> : <bdi class="tile-who">{person.name}</bdi>}{" "}
      {!person.isSelf && (
        <span class={roleOf(person) === "guest" ? "tile-guest" : "tile-host"}>
          {person.check === "checked" && <Icon name="checked" size="small" />}
          {t(`tile-${roleOf(person)}`)}
        </span>
      )}
    </span>
  );
}

function Tags({ tile, pinned, more }: TileProps) {
  const { reconnecting, away, hand } = tile.person;
  if (!pinned && more === 0 && !reconnecting && !away && hand === 0) return null;
  return (
    <span class="tile-tags" aria-hidden="true">
      {hand > 0 && (
        <span class="tag tag-hand">
          <Icon name="hand" />
          {t("people-hand")}
        </span>
      )}
      {reconnecting && <span class="tag">{t("tile-reconnecting")}</span>}
      {away && !reconnecting && <span class="tag">{t("tile-away")}</span>}
      {pinned && (
        <span class="tag">
          <Icon name="pin" />
          {t("tile-pinned")}
        </span>
      )}
      {more > 0 && <span class="tag">{t("tile-more", { count: more })}</span>}
    </span>
  );
}
