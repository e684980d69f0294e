import {
  Button,
  CounterBadge,
  makeStyles,
  mergeClasses,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Tooltip,
} from "@fluentui/react-components";
import {
  ArrowExitRegular,
  CallEndFilled,
  ChatRegular,
  DoorArrowLeftRegular,
  HandRightFilled,
  HandRightRegular,
  MicOffRegular,
  MicRegular,
  PeopleRegular,
  SettingsRegular,
  ShareScreenStartRegular,
  ShareScreenStopRegular,
  VideoOffRegular,
  VideoRegular,
} from "@fluentui/react-icons";
import { useState } from "react";
import { DevicePickers } from "../join/DeviceCheck";
import type { DevicesModel } from "../join/devices-model";
import type { CallModel } from "./call-model";
import { Control } from "./Control";
import { MoreMenu } from "./MoreMenu";
import { ReactionMenu } from "./ReactionMenu";
import type { CallView } from "./view";

const useStyles = makeStyles({
  bar: {
    display: "flex",
    justifyContent: "center",
    alignItems: "center",
    gap: "10px",
    padding: "8px 12px calc(12px + env(safe-area-inset-bottom))",
    "@media (max-width: 640px)": { gap: "5px", padding: "6px 6px calc(8px + env(safe-area-inset-bottom))" },
  },
  leave: {
    marginLeft: "12px",
    minWidth: "auto",
    height: "44px",
    paddingInline: "18px",
    borderRadius: "999px",
    border: "none",
    backgroundColor: "#b3392f",
    color: "#fff",
    ":hover": { backgroundColor: "#9c2f26", color: "#fff" },
    ":hover:active": { backgroundColor: "#86271f", color: "#fff" },
    "@media (max-width: 640px)": { marginLeft: "2px", paddingInline: "12px", "& .leave-text": { display: "none" } },
  },
  popover: { display: "flex", flexDirection: "column", gap: "12px", width: "280px" },
  people: { position: "relative" },
  badge: { position: "absolute", right: "-2px", top: "-4px", pointerEvents: "none" },
  desktop: { "@media (max-width: 640px)": { display: "none" } },
  phone: { "@media (min-width: 641px)": { display: "none" } },
  wide: { "@media (max-width: 400px)": { display: "none" } },
});

/** The chat as the controls see it. */
export interface ChatControl {
  open: boolean;
  unread: number;
  toggle: () => void;
}

/** The row of controls below the stage. */
export function ControlBar(props: {
  call: CallModel;
  view: CallView;
  devices: DevicesModel;
  peopleOpen: boolean;
  togglePeople: () => void;
  chat: ChatControl;
  showRooms: () => void;
}) {
  const styles = useStyles();
  const { call, view, devices, chat } = props;
  const { own, permissions } = view;
  const { actions } = call;
  const [devicesOpen, setDevicesOpen] = useState(false);
  return (
    <footer className={styles.bar} role="toolbar" aria-label="Meeting controls">
      <Control
        testId="control-mic"
        shortcut="mic"
        label={own.muted ? "Unmute" : "Mute"}
        on={!own.muted}
        alert={own.muted}
        permission={own.muted ? permissions.unmute : undefined}
        icon={own.muted ? <MicOffRegular /> : <MicRegular />}
        onClick={() => void actions.toggleMute()}
      />
      <Control
        testId="control-camera"
        shortcut="camera"
        label={own.cameraOn ? "Turn the camera off" : "Turn the camera on"}
        on={own.cameraOn}
        alert={!own.cameraOn}
        permission={own.cameraOn ? undefined : permissions.camera}
        icon={own.cameraOn ? <VideoRegular /> : <VideoOffRegular />}
        onClick={() => void actions.toggleCamera()}
      />
      <Control
        testId="control-share"
        className={styles.desktop}
        shortcut="share"
        label={own.sharing ? "Stop sharing" : "Share your screen"}
        on={own.sharing}
        active={own.sharing}
        permission={own.sharing ? undefined : permissions.share}
        icon={own.sharing ? <ShareScreenStopRegular /> : <ShareScreenStartRegular />}
        onClick={() => void actions.toggleShare()}
      />
      <Control
        testId="control-hand"
        shortcut="hand"
        label={own.hand === undefined ? "Raise your hand" : "Lower your hand"}
        on={own.hand !== undefined}
        active={own.hand !== undefined}
        permission={own.hand === undefined ? permissions.raiseHand : undefined}
        icon={own.hand === undefined ? <HandRightRegular /> : <HandRightFilled />}
        onClick={() => void actions.toggleHand()}
      />
      {permissions.react.allowed && <ReactionMenu call={call} />}
      <div className={styles.people}>
        <Control
          testId="control-people"
          shortcut="people"
          label={props.peopleOpen ? "Hide people" : peopleLabel(view)}
          on={props.peopleOpen}
          active={props.peopleOpen}
          icon={<PeopleRegular />}
          onClick={props.togglePeople}
        />
        <CounterBadge
          className={styles.badge}
          size="small"
          appearance="filled"
          color={permissions.admit.allowed && view.lobby.length > 0 ? "danger" : "informative"}
          count={permissions.admit.allowed && view.lobby.length > 0 ? view.lobby.length : view.people.length + 1}
          aria-hidden="true"
        />
      </div>
      <div className={mergeClasses(styles.people, styles.desktop)} data-opens="chat">
        <Control
          testId="control-chat"
          label={chat.open ? "Hide the chat" : chatLabel(chat.unread)}
          on={chat.open}
          active={chat.open}
          icon={<ChatRegular />}
          onClick={chat.toggle}
        />
        <Unread count={chat.unread} />
      </div>
      <div className={styles.people} data-opens="chat">
        <MoreMenu call={call} view={view} chat={{ label: chat.open ? "Hide the chat" : chatLabel(chat.unread), toggle: chat.toggle }} showRooms={props.showRooms} />
        <span className={styles.phone}>
          <Unread count={chat.unread} />
        </span>
      </div>
      <Popover
        open={devicesOpen}
        onOpenChange={(_, { open }) => {
          setDevicesOpen(open);
          if (open) {
            void devices.look();
          }
        }}
        trapFocus
      >
        <PopoverTrigger disableButtonEnhancement>
          <Tooltip content="Devices" relationship="label">
            <Button shape="circular" size="large" appearance="subtle" className={styles.wide} icon={<SettingsRegular />} data-testid="control-devices" />
          </Tooltip>
        </PopoverTrigger>
        <PopoverSurface className={styles.popover} aria-label="Devices">
          <DevicePickers devices={devices} cameraChosen={(camera) => void actions.switchCamera(camera)} />
        </PopoverSurface>
      </Popover>
      <Leave call={call} view={view} />
    </footer>
  );
}

function Leave({ call, view }: { call: CallModel; view: CallView }) {
  const styles = useStyles();
  const face = <span className="leave-text">Leave</span>;
  const main = call.main ?? call;
  const { inRoom, mayReturn } = view.breakout;
  const returns = inRoom && mayReturn;
  const ends = !inRoom && view.permissions.endForAll.allowed;
  if (!returns && !ends) {
    return (
      <Button
        className={styles.leave}
        aria-label="Leave"
        icon={<CallEndFilled />}
        data-testid="control-leave"
        onClick={() => void main.actions.leave()}
      >
        {face}
      </Button>
    );
  }
  return (
    <Menu positioning="above-end">
      <MenuTrigger disableButtonEnhancement>
        <Button className={styles.leave} aria-label="Leave" icon={<CallEndFilled />} data-testid="control-leave">
          {face}
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {returns && (
            <MenuItem icon={<ArrowExitRegular />} data-testid="leave-room" onClick={() => void call.backToMain()}>
              Return to the main meeting
            </MenuItem>
          )}
          <MenuItem icon={<DoorArrowLeftRegular />} data-testid="leave-meeting" onClick={() => void main.actions.leave()}>
            Leave the meeting
          </MenuItem>
          {ends && (
            <MenuItem icon={<CallEndFilled />} data-testid="end-for-all" onClick={() => void call.actions.endForAll()}>
              End the meeting for everybody
            </MenuItem>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

/** How many messages are new; their number is in the name of the button. */
function Unread({ count }: { count: number }) {
  const styles = useStyles();
  return count === 0 ? null : (
    <CounterBadge className={styles.badge} size="small" appearance="filled" color="danger" count={count} aria-hidden="true" data-testid="chat-unread" />
  );
}

function chatLabel(unread: number): string {
  return unread === 0 ? "Show the chat" : `Show the chat (${String(unread)} new)`;
}

function peopleLabel(view: CallView): string {
  const count = view.people.length + 1;
  const waiting = view.permissions.admit.allowed && view.lobby.length > 0 ? `, ${String(view.lobby.length)} waiting` : "";
  return `Show people (${String(count)}${waiting})`;
}
