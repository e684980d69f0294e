import { Button, Card, Divider, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { sentenceOf } from "../api/http";
import { useApp } from "../app-context";
import { useTitle } from "../base/use-store";
import { MeetingIdForm } from "../join/MeetingIdForm";
import { Doorways } from "../ui/Mark";

const useStyles = makeStyles({
  page: {
    position: "relative",
    flexGrow: 1,
    overflow: "hidden",
    display: "grid",
    gridTemplateColumns: "minmax(0, 1.2fr) minmax(320px, 400px)",
    gap: "clamp(24px, 6vw, 96px)",
    alignItems: "center",
    justifyContent: "center",
    padding: "32px clamp(16px, 6vw, 96px)",
    "@media (max-width: 860px)": { gridTemplateColumns: "minmax(0, 480px)", alignContent: "start", gap: "24px" },
  },
  ornament: {
    position: "absolute",
    left: "-4%",
    bottom: 0,
    height: "100%",
    width: "min(60%, 760px)",
    color: tokens.colorBrandForeground1,
    opacity: 0.42,
    pointerEvents: "none",
    "@media (max-width: 860px)": { width: "100%", left: 0, opacity: 0.22 },
  },
  pitch: { position: "relative", maxWidth: "560px" },
  title: {
    margin: "0 0 16px",
    fontSize: "clamp(32px, 4.6vw, 52px)",
    lineHeight: 1.1,
    letterSpacing: "-0.02em",
    fontWeight: 650,
  },
  lead: { fontSize: tokens.fontSizeBase500, lineHeight: "1.5", color: tokens.colorNeutralForeground2 },
  card: { position: "relative", padding: "28px", gap: "20px", borderRadius: "16px", boxShadow: tokens.shadow16, "@media (max-width: 480px)": { padding: "20px" } },
  sub: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontWeight: 600 },
  problem: { color: tokens.colorStatusDangerForeground1 },
});

/** What somebody sees who is not signed in. */
export function LandingPage() {
  const styles = useStyles();
  const { config, session } = useApp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  useTitle("");
  const signIn = () => {
    setBusy(true);
    session.signIn("/").catch((error: unknown) => {
      setProblem(sentenceOf(error));
      setBusy(false);
    });
  };
  return (
    <div className={styles.page}>
      <Doorways className={styles.ornament} />
      <div className={styles.pitch}>
        <h1 className={styles.title}>Meet people from outside, at your own door.</h1>
        <Text as="p" className={styles.lead}>
          Schedule a meeting and send its link. Your visitors wait in the anteroom until you let them in, without an account and without installing
          anything.
        </Text>
      </div>
      <Card className={styles.card}>
        <h2 className={styles.sub}>{config.organisation === "" ? "Welcome" : config.organisation}</h2>
        <Button appearance="primary" size="large" data-testid="sign-in-button" disabled={busy} onClick={signIn}>
          Sign in
        </Button>
        {problem !== "" && (
          <Text role="alert" className={styles.problem}>
            {problem}
          </Text>
        )}
        <Divider>or join with a meeting ID</Divider>
        <MeetingIdForm />
      </Card>
    </div>
  );
}
