import { Button, makeStyles, Spinner, Text, tokens } from "@fluentui/react-components";
import { MicOffRegular, MicRegular, VideoOffRegular, VideoRegular } from "@fluentui/react-icons";
import { useEffect, type ReactNode } from "react";
import { useStore } from "../base/use-store";
import type { CallModel } from "../call/call-model";
import { VideoView } from "../call/VideoView";
import { useAnnounce } from "../ui/announcer";
import { Doorways, Mark } from "../ui/Mark";

const useStyles = makeStyles({
  page: {
    position: "relative",
    overflow: "hidden",
    minHeight: "100dvh",
    boxSizing: "border-box",
    padding: "24px 16px",
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    justifyContent: "center",
    gap: "24px",
    backgroundColor: tokens.colorNeutralBackground2,
    color: tokens.colorNeutralForeground1,
  },
  ornament: {
    position: "absolute",
    left: "50%",
    bottom: 0,
    height: "96%",
    width: "min(100%, 900px)",
    transform: "translateX(-50%)",
    color: tokens.colorBrandForeground1,
    opacity: 0.5,
    pointerEvents: "none",
  },
  text: { position: "relative", textAlign: "center", maxWidth: "460px", display: "flex", flexDirection: "column", gap: "10px", alignItems: "center" },
  title: { margin: 0, fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: 600 },
  video: {
    position: "relative",
    width: "min(100%, 340px)",
    aspectRatio: "16 / 9",
    borderRadius: tokens.borderRadiusXLarge,
    overflow: "hidden",
    backgroundColor: "#1b2624",
    color: "#fff",
    display: "grid",
    placeItems: "center",
    boxShadow: tokens.shadow16,
  },
  bar: { position: "relative", display: "flex", flexWrap: "wrap", gap: "8px", justifyContent: "center" },
});

/** What is seen until the meeting is entered: connecting, or waiting in the lobby. Then its children. */
export function WaitView({ call, children }: { call: CallModel; children: ReactNode }) {
  const styles = useStyles();
  const announce = useAnnounce();
  const view = useStore(call.view);
  useEffect(() => call.onAnnounce(announce), [call, announce]);
  if (view.phase === "connected") {
    return children;
  }
  const { own } = view;
  const waiting = view.phase === "lobby";
  const video = call.actions.localVideo();
  return (
    <main className={styles.page}>
      <Doorways className={styles.ornament} />
      <div className={styles.text}>
        <Mark size={48} />
        <h1 className={styles.title} data-testid={waiting ? "waiting-text" : "connecting-text"}>
          {waiting ? (view.waitsForStart ? "The meeting has not started yet" : "Somebody will let you in soon") : "Connecting"}
        </h1>
        <Text align="center">
          {waiting
            ? view.waitsForStart
              ? "You come in as soon as somebody starts it. You can leave this page open."
              : "The people in the meeting know that you are waiting. They do not see or hear you yet."
            : "Finding the meeting and asking to come in."}
        </Text>
        <Spinner size="small" aria-label={waiting ? "Waiting" : "Connecting"} />
      </div>
      <div className={styles.video}>{video === undefined ? <Text>Your camera is off</Text> : <VideoView stream={video} mirrored />}</div>
      <div className={styles.bar}>
        <Button icon={own.muted ? <MicOffRegular /> : <MicRegular />} aria-pressed={!own.muted} onClick={() => void call.actions.toggleMute()}>
          {own.muted ? "Microphone off" : "Microphone on"}
        </Button>
        <Button
          icon={own.cameraOn ? <VideoRegular /> : <VideoOffRegular />}
          aria-pressed={own.cameraOn}
          onClick={() => void call.actions.toggleCamera()}
        >
          {own.cameraOn ? "Camera on" : "Camera off"}
        </Button>
        <Button data-testid="leave-lobby" onClick={() => void call.actions.leave()}>
          Leave
        </Button>
      </div>
    </main>
  );
}
