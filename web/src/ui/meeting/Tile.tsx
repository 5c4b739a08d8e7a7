// One person on the stage: a moving picture or initials, the name, and what is live. A press makes the
// person large for oneself alone. Oneself is not pressed, and keeps the last place.
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

export function TileItem(props: TileProps) {
  const { tile, box } = props;
  const { person } = tile;
  const classes = ["tile"];
  if (person.speaking) classes.push("tile-speaking");
  if (person.reconnecting) classes.push("tile-away");
  if (props.floating) classes.push("tile-floating");
  if (props.still) classes.push("tile-still");
  if (person.isSelf && !tile.picture) classes.push("tile-own-off");
  if (box.width < 200) classes.push("tile-small");
  const arrow = (event: KeyboardEvent) => {
    if (event.key.startsWith("Arrow") && props.onArrow(event.key)) event.preventDefault();
  };
  return (
    <li
      class={classes.join(" ")}
      style={{
        insetInlineStart: `${box.x}px`,
        top: `${box.y}px`,
        width: `${box.width}px`,
        height: `${box.height}px`,
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
          onClick={props.onPin}
          onFocus={props.onFocus}
          onKeyDown={arrow}
        >
          <Face tile={tile} />
        </button>
      )}
      <Tags {...props} />
    </li>
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
  const { reconnecting, away } = tile.person;
  if (!pinned && more === 0 && !reconnecting && !away) return null;
  return (
    <span class="tile-tags" aria-hidden="true">
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
