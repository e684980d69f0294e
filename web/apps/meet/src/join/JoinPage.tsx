import type { MeetingLocator } from "@anteroom/calling";
import { lazy, Suspense, useEffect, useState } from "react";
import { sentenceOf } from "../api/http";
import { useApp } from "../app-context";
import { useRouter } from "../base/router";
import { useStore, useTitle } from "../base/use-store";
import { Shell } from "../ui/Shell";
import { Failed, Loading } from "../ui/States";
import type { DevicesModel } from "./devices-model";
import { EndScreen } from "./EndScreen";
import { JoinModel } from "./join-model";
import { SetupView } from "./SetupView";
import { WaitView } from "./WaitView";

const MeetingView = lazy(async () => ({ default: (await import("../call/MeetingView")).MeetingView }));

type Loaded = { kind: "loading" } | { kind: "failed"; sentence: string } | { kind: "ready"; model: JoinModel; devices: DevicesModel };

/** A join link, opened: set up, wait, meet, end. A member joins as a member; anybody else gives a name. */
export function JoinPage({ locator }: { locator: MeetingLocator }) {
  const { joining } = useApp();
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const [attempt, setAttempt] = useState(0);
  useTitle("Join");
  useEffect(() => {
    let left = false;
    let model: JoinModel | undefined;
    const load = async () => {
      const services = await joining();
      const devices = await services.devices();
      model = new JoinModel(services, devices);
      if (left) {
        model.leavePage();
      } else {
        setLoaded({ kind: "ready", model, devices });
      }
    };
    load().catch((error: unknown) => {
      if (!left) {
        setLoaded({ kind: "failed", sentence: sentenceOf(error) });
      }
    });
    const leave = () => {
      left = true;
      model?.leavePage();
    };
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [joining, attempt]);

  switch (loaded.kind) {
    case "loading":
      return (
        <Shell>
          <Loading label="Preparing" />
        </Shell>
      );
    case "failed":
      return (
        <Shell>
          <Failed
            sentence={loaded.sentence}
            retry={() => {
              setLoaded({ kind: "loading" });
              setAttempt(attempt + 1);
            }}
          />
        </Shell>
      );
    case "ready":
      return <Joining model={loaded.model} devices={loaded.devices} locator={locator} />;
  }
}

function Joining({ model, devices, locator }: { model: JoinModel; devices: DevicesModel; locator: MeetingLocator }) {
  const { session } = useApp();
  const router = useRouter();
  const state = useStore(model.state);
  const who = useStore(session.state);
  const [guest, setGuest] = useState(false);
  const member = who.kind === "signedIn" && !guest ? who.member : undefined;

  switch (state.kind) {
    case "setup":
    case "entering":
      return (
        <Shell>
          <SetupView
            devices={devices}
            member={member}
            busy={state.kind === "entering"}
            problem={state.kind === "setup" ? state.problem : ""}
            join={(as) => void model.join(locator, as)}
            signIn={() => {
              const { path, search } = router.place.get();
              void session.signIn(`${path}${search}`);
            }}
            asGuest={() => {
              setGuest(true);
            }}
          />
        </Shell>
      );
    case "call":
      return (
        <Suspense fallback={<Loading label="Opening the meeting" />}>
          <WaitView call={state.call}>
            <MeetingView call={state.call} chat={state.chat} devices={devices} link={"meetingLink" in locator ? locator.meetingLink : undefined} />
          </WaitView>
        </Suspense>
      );
    case "ended":
      return (
        <Shell>
          <EndScreen
            end={state.end}
            signedIn={member !== undefined}
            again={() => {
              model.again();
            }}
          />
        </Shell>
      );
  }
}
