import { Button, Field, Input, makeStyles, Text } from "@fluentui/react-components";
import { useState, type SubmitEvent } from "react";
import { useRouter } from "../base/router";
import { meetingIdOf } from "./meeting-id";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: "16px" },
});

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
