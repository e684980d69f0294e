import { Badge, Button, makeStyles, MessageBar, MessageBarBody, Text, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, CallRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { CallSummary } from "../api/calls";
import { useApp } from "../app-context";
import { useLink } from "../base/router";
import { callPath } from "../base/route";
import { useStore, useTitle } from "../base/use-store";
import { dayLabel, timeLabel } from "../meetings/format";
import { useNow } from "../meetings/use-now";
import { Failed, Loading, Notice } from "../ui/States";
import { AdminGate, AdminNav, NotForYou } from "./AdminGate";
import { CallsModel, type CallsState } from "./calls-model";
import { callRuns, durationLabel, kindLabel, lossReceived, lossSent, millisecondsLabel, peopleLabel, percentLabel, verdictOfCall } from "./quality";
import { usePageStyles, VerdictBadge } from "./quality-parts";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: "8px" },
  item: {
    position: "relative",
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "4px 12px",
    padding: "14px 16px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    ":hover": { boxShadow: tokens.shadow4 },
  },
  words: { flexGrow: 1, flexBasis: "260px", minWidth: 0, display: "flex", flexDirection: "column", gap: "2px" },
  people: {
    fontWeight: 600,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    overflowWrap: "anywhere",
    // The whole card opens the call.
    "::after": { content: '""', position: "absolute", inset: 0, borderRadius: tokens.borderRadiusXLarge },
    ":hover": { textDecorationLine: "underline" },
  },
  badges: { display: "flex", flexWrap: "wrap", gap: "6px" },
  group: { display: "flex", flexDirection: "column", gap: "8px" },
  day: { margin: "8px 0 0", fontSize: tokens.fontSizeBase300, fontWeight: 600, color: tokens.colorNeutralForeground2 },
});

/** The calls of late, and how they went. */
export function CallsPage() {
  return (
    <AdminGate path="/admin/calls">
      <Calls />
    </AdminGate>
  );
}

function Calls() {
  const { calls: api } = useApp();
  const [model] = useState(() => new CallsModel(api));
  const state = useStore(model.state);
  useTitle("Calls");
  useEffect(() => {
    void model.load();
  }, [model]);
  switch (state.kind) {
    case "loading":
      return <Loading label="Loading the calls" />;
    case "refused":
      return <NotForYou />;
    case "unknown":
      return <Failed sentence="The server keeps no record of calls." retry={() => void model.load()} />;
    case "failed":
      return <Failed sentence={state.sentence} retry={() => void model.load()} />;
    case "ready":
      return <List model={model} state={state} />;
  }
}

function List({ model, state }: { model: CallsModel; state: Extract<CallsState, { kind: "ready" }> }) {
  const [styles, page] = [useStyles(), usePageStyles()];
  const now = useNow(30_000);
  return (
    <div className={page.page} data-testid="calls-page">
      <AdminNav />
      <div className={page.top}>
        <h1 className={page.title}>Calls</h1>
        <Button icon={<ArrowClockwiseRegular />} data-testid="refresh" onClick={() => void model.load()}>
          Refresh
        </Button>
      </div>
      <Text className={page.lead}>How the connections of calls went, by the names that people showed. Kept for 90 days.</Text>
      {state.calls.length === 0 ? (
        <Notice icon={<CallRegular />} title="No calls yet" testId="no-calls">
          Calls with sound or picture appear here within seconds.
        </Notice>
      ) : (
        byDay(state.calls, now).map((group) => (
          <section key={group.label} className={styles.group} aria-label={group.label}>
            <h2 className={styles.day}>{group.label}</h2>
            <ul className={styles.list}>
              {group.calls.map((call) => (
                <Item key={call.id} call={call} now={now} />
              ))}
            </ul>
          </section>
        ))
      )}
      {state.problem !== "" && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{state.problem}</MessageBarBody>
        </MessageBar>
      )}
      {state.next !== undefined && (
        <Button disabled={state.busy} data-testid="more" onClick={() => void model.more()}>
          Show more
        </Button>
      )}
    </div>
  );
}

function Item({ call, now }: { call: CallSummary; now: Date }) {
  const [styles, page] = [useStyles(), usePageStyles()];
  const link = useLink(callPath(call.id));
  const running = callRuns(call, now);
  const length = durationLabel((running ? now : call.updated).getTime() - call.began.getTime());
  const loss = Math.max(lossReceived(call.received), lossSent(call.sent));
  return (
    <li className={styles.item} data-testid="call-item">
      <div className={styles.words}>
        <a className={styles.people} {...link}>
          {peopleLabel(call.names, call.people)}
        </a>
        <span className={page.text}>
          {kindLabel(call.kind)}, {timeLabel(call.began)}, {length}, loss {percentLabel(loss)}, longest round trip {millisecondsLabel(call.worstRoundTripMs)}
        </span>
      </div>
      <div className={styles.badges}>
        {running && (
          <Badge appearance="filled" color="brand">
            Running
          </Badge>
        )}
        {call.unconnected > 0 && (
          <Badge appearance="outline" color="danger">
            {call.unconnected} never connected
          </Badge>
        )}
        {call.relayed > 0 && (
          <Badge appearance="outline" color="informative">
            {call.relayed} by relay
          </Badge>
        )}
        <VerdictBadge verdict={verdictOfCall(call)} />
      </div>
    </li>
  );
}

/** Newest first, as they come. */
function byDay(calls: CallSummary[], now: Date): { label: string; calls: CallSummary[] }[] {
  const groups: { label: string; calls: CallSummary[] }[] = [];
  for (const call of calls) {
    const label = dayLabel(call.began, now);
    const last = groups.at(-1);
    if (last?.label === label) {
      last.calls.push(call);
    } else {
      groups.push({ label, calls: [call] });
    }
  }
  return groups;
}
