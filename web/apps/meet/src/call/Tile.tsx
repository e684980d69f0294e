import { Avatar, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { HandRightFilled, MicOffFilled, ShareScreenStartFilled, VideoPersonStarFilled, WifiWarningFilled } from "@fluentui/react-icons";
import type { CallModel } from "./call-model";
import { PersonMenu } from "./PersonMenu";
import { ReactionFloat } from "./ReactionFloat";
import type { CallView, Person } from "./view";
import { VideoView } from "./VideoView";

const useStyles = makeStyles({
  tile: {
    position: "relative",
    width: "100%",
    height: "100%",
    borderRadius: tokens.borderRadiusXLarge,
    overflow: "hidden",
    backgroundColor: "#24312f",
    color: "#fff",
    containerType: "size",
    ":hover .tile-menu, :focus-within .tile-menu": { opacity: 1 },
  },
  ring: {
    position: "absolute",
    inset: 0,
    borderRadius: tokens.borderRadiusXLarge,
    pointerEvents: "none",
    boxShadow: "inset 0 0 0 3px transparent",
    transitionProperty: "box-shadow",
    transitionDuration: tokens.durationNormal,
    "@media (prefers-reduced-motion: reduce)": { transitionDuration: "0.01ms" },
  },
  speaking: { boxShadow: "inset 0 0 0 3px #5fd3c4" },
  raised: { boxShadow: "inset 0 0 0 3px #f2b84b" },
  avatar: {
    position: "absolute",
    inset: 0,
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    justifyContent: "center",
    gap: "8px",
  },
  face: { width: "min(40cqmin, 120px)", height: "min(40cqmin, 120px)", fontSize: "min(15cqmin, 44px)" },
  // Over the picture, which stays asked for, so that it comes back by itself.
  over: { backgroundColor: "#24312f" },
  // Where there is no room for the words, the sign beside the name says it.
  paused: {
    display: "none",
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    "@container (min-width: 180px) and (min-height: 180px)": { display: "block" },
  },
  label: {
    position: "absolute",
    left: "8px",
    bottom: "8px",
    maxWidth: "calc(100% - 16px)",
    boxSizing: "border-box",
    display: "flex",
    alignItems: "center",
    gap: "6px",
    padding: "3px 9px",
    borderRadius: "6px",
    backgroundColor: "rgba(0, 0, 0, 0.6)",
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    "& svg": { flexShrink: 0 },
  },
  name: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  hand: {
    position: "absolute",
    left: "8px",
    top: "8px",
    display: "flex",
    alignItems: "center",
    gap: "4px",
    padding: "3px 9px",
    borderRadius: "999px",
    backgroundColor: "#f2b84b",
    color: "#2b1d00",
    fontWeight: 600,
    fontSize: tokens.fontSizeBase200,
  },
  menu: {
    position: "absolute",
    right: "6px",
    top: "6px",
    opacity: 0,
    transitionProperty: "opacity",
    transitionDuration: tokens.durationFast,
    "@media (hover: none)": { opacity: 1 },
    "@media (prefers-reduced-motion: reduce)": { transitionDuration: "0.01ms" },
  },
  away: {
    position: "absolute",
    inset: 0,
    display: "grid",
    placeItems: "center",
    backgroundColor: "rgba(0, 0, 0, 0.55)",
    fontSize: tokens.fontSizeBase200,
  },
});

/** Instead of a picture that stands still. */
export const pausedText = "Paused: weak connection";

/** One of the others. */
export function Tile({ person, call, view, small }: { person: Person; call: CallModel; view: CallView; small?: boolean }) {
  const styles = useStyles();
  // Behind the picture: what is seen until it comes.
  const face = <Avatar className={styles.face} name={person.name} color="colorful" idForColor={person.id} aria-hidden="true" />;
  return (
    <div
      className={styles.tile}
      role="group"
      aria-label={describe(person)}
      data-testid="tile"
      data-participant-id={person.id}
      data-name={person.name}
      data-speaking={person.speaking}
      data-muted={person.muted}
      data-spotlight={person.spotlight}
    >
      {!person.cameraPaused && <div className={styles.avatar}>{face}</div>}
      {person.camera !== undefined && <VideoView stream={person.camera} />}
      {person.cameraPaused && (
        <div className={mergeClasses(styles.avatar, styles.over)}>
          {face}
          <span className={styles.paused} data-testid="paused-hint">
            {pausedText}
          </span>
        </div>
      )}
      {person.reconnecting && <div className={styles.away}>Reconnecting …</div>}
      {person.away && !person.reconnecting && <div className={styles.away}>Away just now</div>}
      <div className={mergeClasses(styles.ring, person.hand !== undefined && styles.raised, person.speaking && styles.speaking)} />
      {person.hand !== undefined && (
        <span className={styles.hand} data-testid="raised-hand">
          <HandRightFilled aria-hidden="true" /> {person.hand}
        </span>
      )}
      <div className={styles.label}>
        {person.muted && <MicOffFilled aria-hidden="true" data-testid="muted-icon" />}
        {person.cameraPaused && <WifiWarningFilled aria-hidden="true" data-testid="paused-icon" />}
        {person.screen !== undefined && <ShareScreenStartFilled aria-hidden="true" />}
        {person.spotlight !== undefined && <VideoPersonStarFilled aria-hidden="true" data-testid="spotlight-icon" />}
        <span className={styles.name}>{person.name}</span>
      </div>
      <ReactionFloat call={call} id={person.id} {...(small === true ? { small } : {})} />
      {small !== true && (
        <div className={mergeClasses("tile-menu", styles.menu)}>
          <PersonMenu person={person} call={call} view={view} onDark />
        </div>
      )}
    </div>
  );
}

/** The own picture. */
export function LocalTile({ call, view, large }: { call: CallModel; view: CallView; large?: boolean }) {
  const styles = useStyles();
  const { own } = view;
  const video = own.cameraOn ? call.actions.localVideo() : undefined;
  return (
    <div className={styles.tile} role="group" aria-label="Your picture" data-testid="local-tile" data-muted={own.muted} data-camera={own.cameraOn}>
      {video === undefined ? (
        <div className={styles.avatar}>
          <Avatar className={styles.face} name={own.name} color="brand" aria-hidden="true" />
        </div>
      ) : (
        <VideoView stream={video} mirrored />
      )}
      <div className={mergeClasses(styles.ring, own.hand !== undefined && styles.raised)} />
      {own.hand !== undefined && (
        <span className={styles.hand}>
          <HandRightFilled aria-hidden="true" /> {own.hand}
        </span>
      )}
      <div className={styles.label}>
        {own.muted && <MicOffFilled aria-hidden="true" />}
        {own.sharing && <ShareScreenStartFilled aria-hidden="true" />}
        {own.spotlight !== undefined && <VideoPersonStarFilled aria-hidden="true" />}
        <span className={styles.name}>{large === true ? `${own.name} (you)` : "You"}</span>
      </div>
      <ReactionFloat call={call} id={own.id} />
    </div>
  );
}

function describe(person: Person): string {
  const facts = [
    person.name,
    person.muted ? "muted" : "",
    person.hand === undefined ? "" : "hand raised",
    person.cameraPaused ? "video paused, weak connection" : "",
    person.screen === undefined ? "" : "sharing a screen",
    person.spotlight === undefined ? "" : "in the spotlight",
    person.reconnecting ? "reconnecting" : "",
    person.away ? "away just now" : "",
  ];
  return facts.filter((fact) => fact !== "").join(", ");
}
