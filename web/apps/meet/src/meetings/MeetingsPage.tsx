import { Button, makeStyles, Skeleton, SkeletonItem, Tab, TabList, tokens } from "@fluentui/react-components";
import { AddRegular, CalendarLtrRegular, NumberSymbolRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { MeetingDraft, OnlineMeeting } from "../api/meetings";
import { useApp } from "../app-context";
import { useLink, useRouter } from "../base/router";
import { meetingPath } from "../base/route";
import { useStore, useTitle } from "../base/use-store";
import { Failed, Notice } from "../ui/States";
import { byDay, split } from "./meetings-model";
import { MeetingItem } from "./MeetingItem";
import { ScheduleDialog } from "./ScheduleDialog";
import { useNow } from "./use-now";

const useStyles = makeStyles({
  page: {
    width: "100%",
    maxWidth: "860px",
    marginInline: "auto",
    padding: "32px clamp(16px, 3vw, 32px)",
    boxSizing: "border-box",
    display: "flex",
    flexDirection: "column",
    gap: "16px",
    flexGrow: 1,
  },
  top: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "12px" },
  title: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: 600 },
  tabs: { marginLeft: "-10px" },
  group: { display: "flex", flexDirection: "column", gap: "8px", marginTop: "8px" },
  day: { margin: "8px 0 0", fontSize: tokens.fontSizeBase300, fontWeight: 600, color: tokens.colorNeutralForeground2 },
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: "8px" },
  skeleton: { height: "84px", borderRadius: tokens.borderRadiusXLarge },
});

/** The member's meetings. */
export function MeetingsPage() {
  const styles = useStyles();
  const { meetings: model } = useApp();
  const router = useRouter();
  const joinById = useLink("/join");
  const state = useStore(model.state);
  const now = useNow(30_000);
  const [tab, setTab] = useState<"upcoming" | "past">("upcoming");
  const [scheduling, setScheduling] = useState(false);
  useTitle("Meetings");
  useEffect(() => {
    void model.load();
  }, [model]);

  const save = async (draft: MeetingDraft) => {
    const meeting = await model.schedule(draft);
    router.go(meetingPath(meeting.id));
  };
  const open = () => {
    setScheduling(true);
  };
  const newMeeting = (
    <Button appearance="primary" icon={<AddRegular />} data-testid="new-meeting" onClick={open}>
      New meeting
    </Button>
  );

  return (
    <div className={styles.page}>
      <div className={styles.top}>
        <h1 className={styles.title}>Meetings</h1>
        <Button as="a" {...joinById} icon={<NumberSymbolRegular />}>
          Join with an ID
        </Button>
        {newMeeting}
      </div>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, { value }) => {
          setTab(value === "past" ? "past" : "upcoming");
        }}
      >
        <Tab value="upcoming">Upcoming</Tab>
        <Tab value="past" data-testid="past-meetings">
          Past
        </Tab>
      </TabList>
      {state.kind === "loading" && <Placeholder />}
      {state.kind === "failed" && <Failed sentence={state.sentence} retry={() => void model.retry()} />}
      {state.kind === "ready" && <List meetings={split(state.meetings, now)[tab]} now={now} past={tab === "past"} schedule={open} />}
      {scheduling && (
        <ScheduleDialog
          save={save}
          close={() => {
            setScheduling(false);
          }}
        />
      )}
    </div>
  );
}

function List(props: { meetings: OnlineMeeting[]; now: Date; past: boolean; schedule: () => void }) {
  const styles = useStyles();
  if (props.meetings.length === 0) {
    return props.past ? (
      <Notice icon={<CalendarLtrRegular />} title="No past meetings">
        Meetings that are over are listed here.
      </Notice>
    ) : (
      <Notice
        icon={<CalendarLtrRegular />}
        title="Nothing scheduled"
        testId="no-meetings"
        actions={
          <Button appearance="primary" onClick={props.schedule}>
            Schedule a meeting
          </Button>
        }
      >
        Schedule a meeting and send its link to the people you want to see. They need no account.
      </Notice>
    );
  }
  return byDay(props.meetings, props.now).map((group) => (
    <section key={group.key} className={styles.group} aria-label={group.label}>
      <h2 className={styles.day}>{group.label}</h2>
      <ul className={styles.list}>
        {group.meetings.map((meeting) => (
          <MeetingItem key={meeting.id} meeting={meeting} now={props.now} />
        ))}
      </ul>
    </section>
  ));
}

function Placeholder() {
  const styles = useStyles();
  return (
    <Skeleton aria-label="Loading your meetings" className={styles.group}>
      <SkeletonItem className={styles.skeleton} />
      <SkeletonItem className={styles.skeleton} />
      <SkeletonItem className={styles.skeleton} />
    </Skeleton>
  );
}
