import { Button, makeStyles, mergeClasses, MessageBar, MessageBarActions, MessageBarBody, Spinner, tokens } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useStore, useTitle } from "../base/use-store";
import type { ChatModel } from "../chat/chat-model";
import type { DevicesModel } from "../join/devices-model";
import { useAnnounce } from "../ui/announcer";
import { Loading } from "../ui/States";
import { BreakoutDialog } from "./BreakoutDialog";
import { BreakoutPrompt } from "./BreakoutPrompt";
import type { CallModel, Notice } from "./call-model";
import { CaptionStrip } from "./CaptionStrip";
import { ControlBar } from "./ControlBar";
import { LobbyToast } from "./LobbyToast";
import { MeetingHeader } from "./MeetingHeader";
import { PeoplePane } from "./PeoplePane";
import { RecordingBanner } from "./RecordingBanner";
import { actionOf } from "./shortcuts";
import { Stage } from "./Stage";

const ChatPane = lazy(async () => ({ default: (await import("../chat/ChatPane")).ChatPane }));

const useStyles = makeStyles({
  page: {
    height: "100dvh",
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gridTemplateRows: "auto minmax(0, 1fr) auto",
    backgroundColor: tokens.colorNeutralBackground3,
    color: tokens.colorNeutralForeground1,
    overflow: "hidden",
  },
  middle: { position: "relative", display: "flex", minHeight: 0, padding: "8px", gap: "8px", "@media (max-width: 640px)": { padding: "4px" } },
  main: { flexGrow: 1, minWidth: 0, minHeight: 0, display: "flex", flexDirection: "column" },
  stage: { position: "relative", flexGrow: 1, minWidth: 0, minHeight: 0 },
  pane: {
    width: "340px",
    flexShrink: 0,
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    overflow: "hidden",
    // On a phone the pane is a sheet over everything.
    "@media (max-width: 640px)": { position: "fixed", inset: 0, width: "auto", zIndex: 30, borderRadius: 0, border: "none" },
  },
  floats: {
    position: "absolute",
    top: "8px",
    left: "8px",
    right: "8px",
    zIndex: 20,
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    gap: "8px",
    pointerEvents: "none",
    "& > *": { pointerEvents: "auto" },
  },
  notice: { width: "min(100%, 480px)", boxShadow: tokens.shadow16 },
  lost: { backgroundColor: tokens.colorStatusWarningBackground2 },
});

/** The meeting, or the breakout room in which the person is just now. */
export function MeetingView({ call, chat, devices, link }: { call: CallModel; chat: ChatModel; devices: DevicesModel; link: string | undefined }) {
  const room = useStore(call.room);
  return room === undefined ? (
    <InCall call={call} chat={chat} devices={devices} link={link} />
  ) : (
    <InCall key="room" call={room} chat={chat} devices={devices} link={undefined} />
  );
}

/** One call: header, stage, people, controls. */
function InCall({ call, chat, devices, link }: { call: CallModel; chat: ChatModel; devices: DevicesModel; link: string | undefined }) {
  const styles = useStyles();
  const view = useStore(call.view);
  const notice = useStore(call.notice);
  const [peopleOpen, setPeopleOpen] = useState(false);
  const { open: chatOpen, unread } = useStore(chat.view);
  const page = useRef<HTMLDivElement>(null);
  const [roomsOpen, setRoomsOpen] = useState(false);
  const announce = useAnnounce();
  useTitle(view.subject === "" ? "Meeting" : view.subject);
  useEffect(() => chat.onAnnounce(announce), [chat, announce]);
  // One pane at a time.
  const showPeople = (open: boolean) => {
    if (open) {
      chat.hide();
    }
    setPeopleOpen(open);
  };
  const showChat = () => {
    setPeopleOpen(false);
    chat.show();
  };
  const hideChat = () => {
    chat.hide();
    // Back to where it was opened: its button, or on a phone the menu.
    const openers = page.current?.querySelectorAll<HTMLButtonElement>("[data-opens=chat] button") ?? [];
    [...openers].find((button) => button.offsetParent !== null)?.focus();
  };
  useShortcuts(call, () => {
    showPeople(!peopleOpen);
  });
  const lobbyShown = !peopleOpen && view.permissions.admit.allowed && view.lobby.length > 0;
  return (
    <div ref={page} className={styles.page} data-testid="stage">
      <div>
        <MeetingHeader view={view} link={link} call={call} announce={announce} />
        {(view.recording || view.transcribing) && <RecordingBanner call={call} view={view} />}
      </div>
      <div className={styles.middle}>
        <main className={styles.main}>
          <div className={styles.stage}>
            <Stage call={call} view={view} />
            <div className={styles.floats}>
              {view.reconnecting && (
                <MessageBar intent="warning" icon={<Spinner size="tiny" />} className={mergeClasses(styles.notice, styles.lost)} data-testid="reconnecting">
                  <MessageBarBody>The connection is lost. Bringing you back …</MessageBarBody>
                </MessageBar>
              )}
              {lobbyShown && (
                <LobbyToast
                  lobby={view.lobby}
                  actions={call.actions}
                  show={() => {
                    showPeople(true);
                  }}
                />
              )}
              <BreakoutPrompt call={call} assigned={view.breakout.assigned} />
              {notice !== undefined && <NoticeBar key={notice.id} notice={notice} call={call} />}
            </div>
          </div>
          {view.captions.on && <CaptionStrip call={call} />}
        </main>
        {peopleOpen && (
          <aside className={styles.pane} aria-label="People" data-testid="people-pane">
            <PeoplePane
              call={call}
              view={view}
              close={() => {
                setPeopleOpen(false);
              }}
            />
          </aside>
        )}
        {chatOpen && (
          <aside className={styles.pane} aria-label="Chat" data-testid="chat-pane">
            <Suspense fallback={<Loading label="Opening the chat" />}>
              <ChatPane chat={chat} own={view.own.id} close={hideChat} />
            </Suspense>
          </aside>
        )}
      </div>
      <ControlBar
        call={call}
        view={view}
        devices={devices}
        peopleOpen={peopleOpen}
        togglePeople={() => {
          showPeople(!peopleOpen);
        }}
        chat={{ open: chatOpen, unread, toggle: chatOpen ? hideChat : showChat }}
        showRooms={() => {
          setRoomsOpen(true);
        }}
      />
      {roomsOpen && view.permissions.manageRooms.allowed && (
        <BreakoutDialog
          call={call}
          view={view}
          close={() => {
            setRoomsOpen(false);
          }}
        />
      )}
    </div>
  );
}

const noticeMs = 7000;

function NoticeBar({ notice, call }: { notice: Notice; call: CallModel }) {
  const styles = useStyles();
  useEffect(() => {
    const timer = setTimeout(() => {
      call.dismiss(notice.id);
    }, noticeMs);
    return () => {
      clearTimeout(timer);
    };
  }, [call, notice.id]);
  return (
    <MessageBar intent={notice.intent} layout="multiline" className={styles.notice} data-testid="call-notice">
      <MessageBarBody>{notice.text}</MessageBarBody>
      <MessageBarActions
        containerAction={
          <Button
            appearance="transparent"
            aria-label="Dismiss"
            icon={<DismissRegular />}
            onClick={() => {
              call.dismiss(notice.id);
            }}
          />
        }
      />
    </MessageBar>
  );
}

function useShortcuts(call: CallModel, togglePeople: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const action = actionOf(event);
      if (action === undefined) {
        return;
      }
      event.preventDefault();
      const { actions } = call;
      const run = {
        mic: actions.toggleMute,
        camera: actions.toggleCamera,
        share: actions.toggleShare,
        hand: actions.toggleHand,
        people: togglePeople,
        leave: (call.main ?? call).actions.leave,
      }[action];
      void run();
    };
    window.addEventListener("keydown", pressed);
    return () => {
      window.removeEventListener("keydown", pressed);
    };
  }, [call, togglePeople]);
}

