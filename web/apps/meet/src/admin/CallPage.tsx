import { Badge, Button, makeStyles, mergeClasses, MessageBar, MessageBarBody, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular, ArrowLeftRegular, CallDismissRegular } from "@fluentui/react-icons";
import { useEffect, useState } from "react";
import type { SessionQuality } from "../api/calls";
import { useApp } from "../app-context";
import { useLink } from "../base/router";
import { callPath } from "../base/route";
import { useStore, useTitle } from "../base/use-store";
import { dayLabel, rangeLabel, timeLabel } from "../meetings/format";
import { useNow } from "../meetings/use-now";
import { Failed, Loading, Notice } from "../ui/States";
import { AdminGate, NotForYou } from "./AdminGate";
import { CallModel, type CallState } from "./calls-model";
import { QualityChart } from "./QualityChart";
import {
  bitsLabel,
  callRuns,
  carriersLabel,
  durationLabel,
  isRunning,
  kindLabel,
  lossReceived,
  lossSent,
  millisecondsLabel,
  peopleLabel,
  percentLabel,
  personLabel,
  rateOf,
  verdictOfSession,
} from "./quality";
import { usePageStyles, VerdictBadge } from "./quality-parts";

const useStyles = makeStyles({
  back: { display: "inline-flex", alignItems: "center", gap: "6px", color: tokens.colorBrandForegroundLink, textDecorationLine: "none", alignSelf: "flex-start" },
  people: { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  card: {
    padding: "16px 20px 20px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    display: "flex",
    flexDirection: "column",
    gap: "12px",
    minWidth: 0,
  },
  head: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "4px 10px" },
  name: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: 600, overflowWrap: "anywhere" },
  space: { flexGrow: 1 },
  facts: { margin: 0, display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(196px, 1fr))", gap: "10px 16px" },
  fact: { display: "flex", flexDirection: "column" },
  term: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, fontVariantNumeric: "tabular-nums" },
});

/** One call: each session with its numbers and its course. */
export function CallPage({ id }: { id: string }) {
  return (
    <AdminGate path={callPath(id)}>
      <Call id={id} />
    </AdminGate>
  );
}

function Call({ id }: { id: string }) {
  const { calls: api } = useApp();
  const [model] = useState(() => new CallModel(api, id));
  const state = useStore(model.state);
  const calls = useLink("/admin/calls");
  useTitle("Call");
  useEffect(() => {
    void model.load();
  }, [model]);
  switch (state.kind) {
    case "loading":
      return <Loading label="Loading the call" />;
    case "refused":
      return <NotForYou />;
    case "unknown":
      return (
        <Notice icon={<CallDismissRegular />} title="Nothing is known of this call" testId="call-unknown" actions={<a {...calls}>All calls</a>}>
          Records of calls are kept for 90 days.
        </Notice>
      );
    case "failed":
      return <Failed sentence={state.sentence} retry={() => void model.load()} />;
    case "ready":
      return <Sessions model={model} state={state} />;
  }
}

function Sessions({ model, state }: { model: CallModel; state: Extract<CallState, { kind: "ready" }> }) {
  const [styles, page] = [useStyles(), usePageStyles()];
  const now = useNow(30_000);
  const calls = useLink("/admin/calls");
  const { call } = state;
  const running = callRuns(call, now);
  return (
    <div className={page.page} data-testid="call-page">
      <a className={styles.back} {...calls}>
        <ArrowLeftRegular /> Calls
      </a>
      <div className={page.top}>
        <h1 className={mergeClasses(page.title, styles.people)}>{peopleLabel(call.names, call.people)}</h1>
        <Button icon={<ArrowClockwiseRegular />} data-testid="refresh" onClick={() => void model.load()}>
          Refresh
        </Button>
      </div>
      <span className={page.lead}>
        {kindLabel(call.kind)}, {dayLabel(call.began, now)},{" "}
        {running ? `running since ${timeLabel(call.began)}` : `${rangeLabel(call.began, call.updated)} (${durationLabel(call.updated.getTime() - call.began.getTime())})`}
      </span>
      {state.sessions.map((session) => (
        <Session key={session.session} session={session} now={now} />
      ))}
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

function Session({ session, now }: { session: SessionQuality; now: Date }) {
  const [styles, page] = [useStyles(), usePageStyles()];
  const name = session.displayName === "" ? "Somebody" : session.displayName;
  const running = isRunning(session, now);
  const connected = session.carriers.length > 0;
  const length = session.updated.getTime() - session.began.getTime();
  const when = running
    ? `since ${timeLabel(session.began)}`
    : session.ended
      ? `${rangeLabel(session.began, session.updated)} (${durationLabel(length)})`
      : `${timeLabel(session.began)}, last heard of at ${timeLabel(session.updated)}`;
  return (
    <section className={styles.card} aria-label={name} data-testid="session-item">
      <div className={styles.head}>
        <h2 className={styles.name}>{name}</h2>
        <span className={page.text}>
          {personLabel(session.person)}, {when}
        </span>
        <span className={styles.space} />
        {running && (
          <Badge appearance="filled" color="brand">
            Running
          </Badge>
        )}
        <VerdictBadge verdict={verdictOfSession(session)} />
      </div>
      <dl className={styles.facts}>
        <Fact term="Travelled by" value={carriersLabel(session.carriers)} testId="carriers" />
        {connected && <Facts session={session} length={length} />}
      </dl>
      {session.samples.length > 0 && <QualityChart samples={session.samples} name={name} />}
    </section>
  );
}

/** What is known of a session that connected. */
function Facts({ session, length }: { session: SessionQuality; length: number }) {
  return (
    <>
      {session.connections > 1 && <Fact term="Media connections" value={String(session.connections)} />}
      <Fact term="Round trip, middle and longest" value={`${millisecondsLabel(session.medianRoundTripMs)}, ${millisecondsLabel(session.worstRoundTripMs)}`} testId="round-trip" />
      <Fact term="Lost on the way from, and to" value={`${percentLabel(lossReceived(session.received))}, ${percentLabel(lossSent(session.sent))}`} testId="loss" />
      <Fact term="Bit rate from, and to" value={`${bitsLabel(rateOf(session.received, length))}, ${bitsLabel(rateOf(session.sent, length))}`} testId="rates" />
      {session.medianEstimate !== undefined && (
        <Fact term="Path carries, middle and least" value={`${bitsLabel(session.medianEstimate)}, ${bitsLabel(session.lowestEstimate ?? session.medianEstimate)}`} />
      )}
      <Fact term="Packets sent again, given up" value={`${session.repaired.toLocaleString()}, ${session.dropped.toLocaleString()}`} />
      {session.largestVideo !== undefined && (
        <Fact term="Largest video received" value={`${String(session.largestVideo.width)} × ${String(session.largestVideo.height)}`} testId="largest-video" />
      )}
      {session.withheldMs > 0 && <Fact term="A wanted video was withheld" value={durationLabel(session.withheldMs)} />}
    </>
  );
}

function Fact({ term, value, testId }: { term: string; value: string; testId?: string }) {
  const styles = useStyles();
  return (
    <div className={styles.fact}>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.value} data-testid={testId}>
        {value}
      </dd>
    </div>
  );
}
