import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { CalendarLtrRegular, ChevronLeftRegular, DeleteRegular, EditRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { MeetingDraft, OnlineMeeting } from "../api/meetings";
import { ApiError, sentenceOf } from "../api/http";
import { useApp } from "../app-context";
import { useLink, useRouter } from "../base/router";
import { useTitle } from "../base/use-store";
import { Failed, Loading, Notice } from "../ui/States";
import { DeleteDialog } from "./DeleteDialog";
import { dayLabel, rangeLabel } from "./format";
import { Invitation } from "./Invitation";
import { JoinButton } from "./MeetingItem";
import { OptionsCard } from "./OptionsCard";
import { ScheduleDialog } from "./ScheduleDialog";
import { useNow } from "./use-now";

const useStyles = makeStyles({
  page: {
    width: "100%",
    maxWidth: "860px",
    marginInline: "auto",
    padding: "24px clamp(16px, 3vw, 32px) 32px",
    boxSizing: "border-box",
    display: "flex",
    flexDirection: "column",
    gap: "20px",
  },
  back: { alignSelf: "flex-start", marginLeft: "-8px" },
  top: { display: "flex", flexWrap: "wrap", gap: "16px", alignItems: "flex-start" },
  heading: { flexGrow: 1, flexBasis: "260px", minWidth: 0 },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: 600,
    overflowWrap: "anywhere",
  },
  when: { display: "flex", alignItems: "center", gap: "8px", marginTop: "6px", color: tokens.colorNeutralForeground2 },
  actions: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

type State = { kind: "loading" } | { kind: "missing" } | { kind: "failed"; sentence: string } | { kind: "ready"; meeting: OnlineMeeting };

/** Everything about one meeting: how to invite, how it is set, join, edit, delete. */
export function MeetingPage({ id }: { id: string }) {
  const { meetings: model } = useApp();
  const [state, setState] = useState<State>({ kind: "loading" });
  const [attempt, setAttempt] = useState(0);
  const home = useLink("/");
  useTitle(state.kind === "ready" ? state.meeting.subject : "Meeting");
  useEffect(() => {
    let current = true;
    model.find(id).then(
      (meeting) => {
        if (current) {
          setState({ kind: "ready", meeting });
        }
      },
      (error: unknown) => {
        if (current) {
          setState(error instanceof ApiError && error.status === 404 ? { kind: "missing" } : { kind: "failed", sentence: sentenceOf(error) });
        }
      },
    );
    return () => {
      current = false;
    };
  }, [model, id, attempt]);

  switch (state.kind) {
    case "loading":
      return <Loading label="Loading the meeting" />;
    case "failed":
      return (
        <Failed
          sentence={state.sentence}
          retry={() => {
            setState({ kind: "loading" });
            setAttempt(attempt + 1);
          }}
        />
      );
    case "missing":
      return (
        <Notice
          icon={<CalendarLtrRegular />}
          title="This meeting does not exist"
          actions={
            <Button as="a" {...home} appearance="primary">
              Your meetings
            </Button>
          }
        >
          It may have been deleted, or it belongs to somebody else.
        </Notice>
      );
    case "ready":
      return (
        <Details
          meeting={state.meeting}
          changed={(meeting) => {
            setState({ kind: "ready", meeting });
          }}
        />
      );
  }
}

function Details({ meeting, changed }: { meeting: OnlineMeeting; changed: (meeting: OnlineMeeting) => void }) {
  const styles = useStyles();
  const { meetings: model } = useApp();
  const router = useRouter();
  const home = useLink("/");
  const now = useNow(60_000);
  const [dialog, setDialog] = useState<"none" | "edit" | "delete">("none");
  const close = () => {
    setDialog("none");
  };
  const save = async (draft: MeetingDraft) => {
    changed(await model.change(meeting, draft));
    close();
  };
  const remove = async () => {
    await model.remove(meeting.id);
    router.go("/");
  };
  return (
    <div className={styles.page}>
      <Button as="a" {...home} className={styles.back} appearance="transparent" icon={<ChevronLeftRegular />}>
        Meetings
      </Button>
      <div className={styles.top}>
        <div className={styles.heading}>
          <h1 className={styles.title}>{meeting.subject === "" ? "Meeting without a subject" : meeting.subject}</h1>
          <div className={styles.when}>
            <CalendarLtrRegular aria-hidden="true" />
            <span>
              {dayLabel(meeting.start, now)} · {rangeLabel(meeting.start, meeting.end)}
            </span>
          </div>
        </div>
        <div className={styles.actions}>
          <JoinButton meeting={meeting} primary />
          <Button
            icon={<EditRegular />}
            data-testid="edit-meeting"
            onClick={() => {
              setDialog("edit");
            }}
          >
            Edit
          </Button>
          <Button
            icon={<DeleteRegular />}
            data-testid="delete-meeting"
            onClick={() => {
              setDialog("delete");
            }}
          >
            Delete
          </Button>
        </div>
      </div>
      <Invitation meeting={meeting} />
      <OptionsCard meeting={meeting} />
      {dialog === "edit" && <ScheduleDialog meeting={meeting} save={save} close={close} />}
      {dialog === "delete" && <DeleteDialog subject={meeting.subject} remove={remove} close={close} />}
    </div>
  );
}
