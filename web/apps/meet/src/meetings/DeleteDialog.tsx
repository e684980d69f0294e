import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
} from "@fluentui/react-components";
import { useState } from "react";
import { sentenceOf } from "../api/http";

/** Asks before a meeting is deleted. */
export function DeleteDialog(props: { subject: string; remove: () => Promise<void>; close: () => void }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const remove = () => {
    setBusy(true);
    props.remove().catch((error: unknown) => {
      setFailure(sentenceOf(error));
      setBusy(false);
    });
  };
  return (
    <Dialog
      modalType="alert"
      open
      onOpenChange={(_, { open }) => {
        if (!open && !busy) {
          props.close();
        }
      }}
    >
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Delete this meeting?</DialogTitle>
          <DialogContent>
            {failure !== "" && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>{failure}</MessageBarBody>
              </MessageBar>
            )}
            {props.subject === "" ? "The meeting" : `“${props.subject}”`} is removed for everybody. Its link and its meeting ID stop working, and if
            it is going on now, it ends.
          </DialogContent>
          <DialogActions>
            <Button appearance="secondary" disabled={busy} onClick={props.close}>
              Keep it
            </Button>
            <Button appearance="primary" disabled={busy} data-testid="confirm-delete" onClick={remove}>
              Delete
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
