import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle, makeStyles, tokens } from "@fluentui/react-components";
import { RecordFilled } from "@fluentui/react-icons";
import { useState } from "react";
import type { CallModel } from "./call-model";
import type { CallView } from "./view";

const useStyles = makeStyles({
  banner: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "4px 12px",
    margin: "0 8px",
    padding: "6px 14px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorStatusDangerBackground1,
    color: tokens.colorStatusDangerForeground1,
    border: `1px solid ${tokens.colorStatusDangerBorder1}`,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    "@media (max-width: 640px)": { margin: "0 4px", padding: "6px 10px" },
  },
  text: { display: "flex", alignItems: "center", gap: "8px", flexGrow: 1, flexBasis: "200px", fontWeight: 600, "& svg": { flexShrink: 0 } },
});

/** Says to everybody, as long as it lasts, that they are recorded or written down; asks for consent where the policy wants it, anew for each. */
export function RecordingBanner({ call, view }: { call: CallModel; view: CallView }) {
  const styles = useStyles();
  const owed = view.consent.recording || view.consent.transcription;
  const [asked, setAsked] = useState(false);
  return (
    <>
      <div className={styles.banner} role="status" data-testid="recording-banner">
        <span className={styles.text}>
          <RecordFilled aria-hidden="true" /> {sentence(view)}
        </span>
        {owed && asked && (
          <>
            <span>Your microphone and camera stay off until you agree.</span>
            <Button size="small" data-testid="consent-banner-agree" onClick={() => void call.actions.features.agree()}>
              Agree
            </Button>
          </>
        )}
      </div>
      {owed && !asked && (
        <ConsentDialog
          view={view}
          agree={() => void call.actions.features.agree()}
          listen={() => {
            setAsked(true);
          }}
          leave={() => void (call.main ?? call).actions.leave()}
        />
      )}
    </>
  );
}

function ConsentDialog({ view, agree, listen, leave }: { view: CallView; agree: () => void; listen: () => void; leave: () => void }) {
  return (
    <Dialog
      modalType="alert"
      open
      onOpenChange={(_, { open }) => {
        if (!open) {
          listen();
        }
      }}
    >
      <DialogSurface data-testid="consent-dialog">
        <DialogBody>
          <DialogTitle>{sentence(view).replace(/\.$/, "")}</DialogTitle>
          <DialogContent>
            What you say and show would become part of it. Your microphone and camera stay off until you agree; after that you turn them on yourself. You can
            also stay and only listen.
          </DialogContent>
          <DialogActions fluid>
            <Button appearance="subtle" data-testid="consent-leave" onClick={leave}>
              Leave
            </Button>
            <Button data-testid="consent-listen" onClick={listen}>
              Only listen
            </Button>
            <Button appearance="primary" data-testid="consent-agree" onClick={agree}>
              Agree
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function sentence({ recording, transcribing }: CallView): string {
  if (recording && transcribing) {
    return "This meeting is being recorded, and what is said is written down.";
  }
  return recording ? "This meeting is being recorded." : "What is said in this meeting is being written down.";
}
