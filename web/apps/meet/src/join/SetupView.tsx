import { Button, Card, Field, Input, Link, makeStyles, MessageBar, MessageBarBody, Persona, Spinner, Text, tokens } from "@fluentui/react-components";
import { useEffect, useState, type SubmitEvent } from "react";
import type { Member } from "../session/session";
import type { DevicesModel } from "./devices-model";
import { DevicePickers, Preview } from "./DeviceCheck";
import type { JoinAs } from "./join-model";

const useStyles = makeStyles({
  page: {
    flexGrow: 1,
    width: "100%",
    maxWidth: "1040px",
    marginInline: "auto",
    boxSizing: "border-box",
    padding: "clamp(16px, 4vh, 48px) clamp(16px, 3vw, 32px)",
    display: "grid",
    gridTemplateColumns: "minmax(0, 1.5fr) minmax(300px, 1fr)",
    gap: "32px",
    alignContent: "center",
    alignItems: "center",
    "@media (max-width: 800px)": { gridTemplateColumns: "minmax(0, 1fr)", gap: "20px", alignContent: "start" },
  },
  title: { margin: "0 0 4px", fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: 600 },
  lead: { color: tokens.colorNeutralForeground2, marginBottom: "8px" },
  panel: { padding: "24px", gap: "16px", borderRadius: tokens.borderRadiusXLarge, "@media (max-width: 480px)": { padding: "16px" } },
  form: { display: "flex", flexDirection: "column", gap: "16px" },
  note: { color: tokens.colorNeutralForeground3 },
});

const keptName = "anteroom.name";

/** Before the meeting: name, camera and microphone, and the button that joins. */
export function SetupView(props: {
  devices: DevicesModel;
  member: Member | undefined;
  busy: boolean;
  problem: string;
  join: (as: JoinAs) => void;
  signIn: () => void;
  asGuest: () => void;
}) {
  const styles = useStyles();
  const { member } = props;
  const [name, setName] = useState(() => sessionStorage.getItem(keptName) ?? "");
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    void props.devices.start();
  }, [props.devices]);

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (member !== undefined) {
      props.join({ kind: "member" });
      return;
    }
    const given = name.trim();
    if (given === "") {
      setMissing(true);
      return;
    }
    sessionStorage.setItem(keptName, given);
    props.join({ kind: "visitor", name: given });
  };

  return (
    <div className={styles.page}>
      <Preview devices={props.devices} name={member?.name ?? name} />
      <Card className={styles.panel} data-testid="join-setup">
        <form className={styles.form} onSubmit={submit} noValidate>
          <div>
            <h1 className={styles.title}>Ready to join?</h1>
            <Text className={styles.lead} block>
              Check how you look and sound. Nobody sees or hears you yet.
            </Text>
          </div>
          {props.problem !== "" && (
            <MessageBar intent="error" layout="multiline">
              <MessageBarBody data-testid="join-problem">{props.problem}</MessageBarBody>
            </MessageBar>
          )}
          {member === undefined ? (
            <Field label="Your name" required validationMessage={missing ? "Say who you are, so that people know whom they let in." : undefined}>
              <Input
                size="large"
                autoComplete="name"
                maxLength={100}
                data-testid="name-input"
                value={name}
                onChange={(_, { value }) => {
                  setName(value);
                  setMissing(false);
                }}
              />
            </Field>
          ) : (
            <Persona name={member.name} secondaryText={member.userName} avatar={{ color: "brand" }} size="large" />
          )}
          <DevicePickers devices={props.devices} />
          <Button
            appearance="primary"
            size="large"
            type="submit"
            data-testid="join-now"
            disabled={props.busy}
            icon={props.busy ? <Spinner size="tiny" appearance="inverted" /> : undefined}
          >
            {props.busy ? "Joining" : "Join now"}
          </Button>
          <Text size={200} className={styles.note}>
            {member === undefined ? (
              <>
                Do you have an account here?{" "}
                <Link as="button" type="button" onClick={props.signIn} data-testid="sign-in-to-join">
                  Sign in to join
                </Link>
              </>
            ) : (
              <>
                Not you?{" "}
                <Link as="button" type="button" onClick={props.asGuest}>
                  Join without your account
                </Link>
              </>
            )}
          </Text>
        </form>
      </Card>
    </div>
  );
}
