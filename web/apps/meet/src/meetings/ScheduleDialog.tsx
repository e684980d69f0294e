import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Select,
  Spinner,
  Switch,
} from "@fluentui/react-components";
import { useState, type SubmitEvent } from "react";
import type { MeetingDraft, OnlineMeeting } from "../api/meetings";
import { sentenceOf } from "../api/http";
import { useApp } from "../app-context";
import { lobbyChoices, organisationDefault, presenterChoices, withCurrent, type Choice } from "./choices";
import { endsNextDay, formOf, newForm, read, withStartTime, type FormProblems, type ScheduleForm } from "./schedule-form";

const useStyles = makeStyles({
  surface: { maxWidth: "560px", "@media (max-width: 480px)": { width: "100%", maxHeight: "100dvh" } },
  // A long choice must not widen its menu beyond the dialog.
  fields: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "16px",
    paddingBlock: "8px",
    "& select": { minWidth: 0, width: "100%" },
  },
  narrow: { gridTemplateColumns: "minmax(0, 1fr)" },
  times: {
    display: "grid",
    gridTemplateColumns: "1.4fr 1fr 1fr",
    gap: "12px",
    "& input": { minWidth: 0 },
    "@media (max-width: 480px)": { gridTemplateColumns: "1fr 1fr", "& > :first-child": { gridColumn: "1 / -1" } },
  },
});

/** Schedules a new meeting, or changes one. */
export function ScheduleDialog(props: {
  meeting?: OnlineMeeting;
  save: (draft: MeetingDraft) => Promise<void>;
  close: () => void;
}) {
  const styles = useStyles();
  const { config } = useApp();
  const [form, setForm] = useState<ScheduleForm>(() => (props.meeting === undefined ? newForm(new Date()) : formOf(props.meeting)));
  const [problems, setProblems] = useState<FormProblems>({});
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<ScheduleForm>) => {
    setForm((before) => ({ ...before, ...part }));
    setProblems({});
  };

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const result = read(form);
    if (!result.ok) {
      setProblems(result.problems);
      return;
    }
    setBusy(true);
    setFailure("");
    props.save(result.draft).catch((error: unknown) => {
      setFailure(sentenceOf(error));
      setBusy(false);
    });
  };

  const isNew = props.meeting === undefined;
  const choices = (list: Choice[], current: string) => (isNew ? [organisationDefault, ...list] : withCurrent(list, current)).map(option);
  return (
    <Dialog
      open
      onOpenChange={(_, data) => {
        if (!data.open && !busy) {
          props.close();
        }
      }}
    >
      <DialogSurface className={styles.surface} data-testid="schedule-dialog">
        <form onSubmit={submit} noValidate>
          <DialogBody>
            <DialogTitle>{isNew ? "New meeting" : "Edit meeting"}</DialogTitle>
            <DialogContent className={styles.fields}>
              {failure !== "" && (
                <MessageBar intent="error" layout="multiline">
                  <MessageBarBody>{failure}</MessageBarBody>
                </MessageBar>
              )}
              <Field label="Subject" required validationMessage={problems.subject}>
                <Input
                  autoFocus
                  data-testid="subject-input"
                  value={form.subject}
                  placeholder="What is it about?"
                  onChange={(_, { value }) => {
                    set({ subject: value });
                  }}
                />
              </Field>
              <div className={styles.times}>
                <Field label="Day" required validationMessage={problems.date}>
                  <Input
                    type="date"
                    data-testid="date-input"
                    value={form.date}
                    onChange={(_, { value }) => {
                      set({ date: value });
                    }}
                  />
                </Field>
                <Field label="From" required validationMessage={problems.startTime}>
                  <Input
                    type="time"
                    data-testid="start-time-input"
                    value={form.startTime}
                    onChange={(_, { value }) => {
                      set(withStartTime(form, value));
                    }}
                  />
                </Field>
                <Field label="To" required validationMessage={problems.endTime} hint={endsNextDay(form) ? "Ends the next day" : undefined}>
                  <Input
                    type="time"
                    data-testid="end-time-input"
                    value={form.endTime}
                    onChange={(_, { value }) => {
                      set({ endTime: value });
                    }}
                  />
                </Field>
              </div>
              <Field className={styles.narrow} label="Who comes in without waiting" hint="Everybody else waits in the lobby until somebody lets them in.">
                <Select
                  data-testid="lobby-scope"
                  value={form.lobbyScope}
                  onChange={(_, { value }) => {
                    set({ lobbyScope: value });
                  }}
                >
                  {choices(lobbyChoices(config.organisation), form.lobbyScope)}
                </Select>
              </Field>
              <Field className={styles.narrow} label="Who can present" hint="People without an account take part as attendees until you make them presenters.">
                <Select
                  data-testid="presenters"
                  value={form.presenters}
                  onChange={(_, { value }) => {
                    set({ presenters: value });
                  }}
                >
                  {choices(presenterChoices(config.organisation), form.presenters)}
                </Select>
              </Field>
              <Switch
                data-testid="anonymous-join"
                checked={form.anonymousJoin}
                label="People without an account can join with the link"
                onChange={(_, { checked }) => {
                  set({ anonymousJoin: checked });
                }}
              />
            </DialogContent>
            <DialogActions>
              <Button appearance="secondary" disabled={busy} onClick={props.close}>
                Cancel
              </Button>
              <Button appearance="primary" type="submit" disabled={busy} data-testid="save-meeting" icon={busy ? <Spinner size="tiny" /> : undefined}>
                {isNew ? "Schedule" : "Save"}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

function option(choice: { value: string; label: string }) {
  return (
    <option key={choice.value} value={choice.value}>
      {choice.label}
    </option>
  );
}
