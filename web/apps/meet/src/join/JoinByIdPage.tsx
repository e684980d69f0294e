import { Button, Card, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import type { MeetingLocator } from "@anteroom/calling";
import { useState, type SubmitEvent } from "react";
import { usePlace, useRouter } from "../base/router";
import { useTitle } from "../base/use-store";
import { Shell } from "../ui/Shell";
import { JoinPage } from "./JoinPage";
import { meetingIdOf, type IdAndPasscode } from "./meeting-id";

const useStyles = makeStyles({
  page: { flexGrow: 1, display: "grid", placeItems: "center", padding: "24px 16px" },
  card: { width: "min(100%, 420px)", padding: "24px", boxSizing: "border-box", borderRadius: tokens.borderRadiusXLarge },
  form: { display: "flex", flexDirection: "column", gap: "16px" },
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

/** Asks for meeting ID and passcode and goes to the join page. */
export function MeetingIdForm() {
  const styles = useStyles();
  const router = useRouter();
  const [meetingId, setMeetingId] = useState("");
  const [passcode, setPasscode] = useState("");
  const [problem, setProblem] = useState("");
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = meetingIdOf({ meetingId, passcode });
    if (given === undefined) {
      setProblem("A meeting ID has digits only, usually ten or more.");
      return;
    }
    router.go("/join", { state: given });
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <Field label="Meeting ID" validationMessage={problem === "" ? undefined : problem}>
        <Input
          inputMode="numeric"
          autoComplete="off"
          placeholder="123 456 789 0"
          data-testid="meeting-id-input"
          value={meetingId}
          onChange={(_, { value }) => {
            setMeetingId(value);
            setProblem("");
          }}
        />
      </Field>
      <Field label="Passcode">
        <Input
          autoComplete="off"
          data-testid="passcode-input"
          value={passcode}
          onChange={(_, { value }) => {
            setPasscode(value);
          }}
        />
      </Field>
      <Button type="submit" data-testid="join-by-id">
        Join
      </Button>
      <Text size={200}>Both are in the invitation, below the link.</Text>
    </form>
  );
}
