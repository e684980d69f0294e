import { Card, makeStyles, tokens } from "@fluentui/react-components";
import type { MeetingLocator } from "@anteroom/calling";
import { useState } from "react";
import { usePlace } from "../base/router";
import { useTitle } from "../base/use-store";
import { Shell } from "../ui/Shell";
import { JoinPage } from "./JoinPage";
import { MeetingIdForm } from "./MeetingIdForm";
import { meetingIdOf, type IdAndPasscode } from "./meeting-id";

const useStyles = makeStyles({
  page: { flexGrow: 1, display: "grid", placeItems: "center", padding: "24px 16px" },
  card: { width: "min(100%, 420px)", padding: "24px", boxSizing: "border-box", borderRadius: tokens.borderRadiusXLarge },
  title: { margin: 0, fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600, fontWeight: 600 },
});

/** `/join`: the form, and with what it gave (kept in the history entry, never in the address) the join page. */
export function JoinByIdPage() {
  const { state } = usePlace();
  const styles = useStyles();
  const given = meetingIdOf(state);
  useTitle("Join");
  if (given !== undefined) {
    return <JoinById {...given} />;
  }
  return (
    <Shell>
      <div className={styles.page}>
        <Card className={styles.card}>
          <h1 className={styles.title}>Join with a meeting ID</h1>
          <MeetingIdForm />
        </Card>
      </div>
    </Shell>
  );
}

function JoinById({ meetingId, passcode }: IdAndPasscode) {
  const [locator] = useState<MeetingLocator>(() => ({ meetingId, ...(passcode === "" ? {} : { passcode }) }));
  return <JoinPage locator={locator} />;
}
