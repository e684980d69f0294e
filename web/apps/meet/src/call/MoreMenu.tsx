import { makeStyles, Menu, MenuDivider, MenuItem, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import {
  ChatRegular,
  ClosedCaptionFilled,
  ClosedCaptionRegular,
  ConferenceRoomRegular,
  DocumentTextRegular,
  MoreHorizontalRegular,
  PeopleTeamRegular,
  RecordRegular,
  RecordStopRegular,
  ShareScreenStartRegular,
} from "@fluentui/react-icons";
import type { CallModel } from "./call-model";
import { Control } from "./Control";
import type { CallView } from "./view";

const useStyles = makeStyles({
  phone: { "@media (min-width: 641px)": { display: "none" } },
  wide: { maxWidth: "320px" },
});

/** What is used now and then; nothing when nothing of it is there for this person. */
export function MoreMenu(props: { call: CallModel; view: CallView; chat: { label: string; toggle: () => void }; showRooms: () => void }) {
  const { call, view, chat, showRooms } = props;
  const styles = useStyles();
  const { permissions, own } = view;
  const { features, toggleShare } = call.actions;
  const runs = permissions.record.allowed || permissions.transcribe.allowed;
  return (
    <Menu positioning="above">
      <MenuTrigger disableButtonEnhancement>
        <Control testId="control-more" label="More" on={false} icon={<MoreHorizontalRegular />} />
      </MenuTrigger>
      <MenuPopover className={styles.wide}>
        <MenuList>
          <MenuItem className={styles.phone} icon={<ChatRegular />} data-testid="more-chat" onClick={chat.toggle}>
            {chat.label}
          </MenuItem>
          <MenuItem className={styles.phone} icon={<ShareScreenStartRegular />} data-testid="more-share" onClick={() => void toggleShare()}>
            {own.sharing ? "Stop sharing" : "Share your screen"}
          </MenuItem>
          {view.captions.offered && (
            <MenuItem
              icon={view.captions.on ? <ClosedCaptionFilled /> : <ClosedCaptionRegular />}
              data-testid="toggle-captions"
              onClick={() => void features.toggleCaptions()}
            >
              {view.captions.on ? "Hide captions" : "Show captions"}
            </MenuItem>
          )}
          {permissions.together.allowed && (
            <MenuItem icon={<PeopleTeamRegular />} data-testid="toggle-together" onClick={() => void features.toggleTogether()}>
              {view.together === undefined ? "Begin the together view for all" : "End the together view"}
            </MenuItem>
          )}
          {permissions.manageRooms.allowed && (
            <MenuItem icon={<ConferenceRoomRegular />} data-testid="show-rooms" onClick={showRooms}>
              Breakout rooms …
            </MenuItem>
          )}
          {runs && <MenuDivider />}
          {permissions.transcribe.allowed && (
            <MenuItem
              icon={<DocumentTextRegular />}
              data-testid="toggle-transcription"
              onClick={() => void features.toggleTranscription()}
            >
              {view.transcribing ? "End the transcription" : "Begin the transcription"}
            </MenuItem>
          )}
          {permissions.record.allowed && (
            // The server keeps the state and asks for consent; the file is made by whoever records.
            <MenuItem
              icon={view.recording ? <RecordStopRegular /> : <RecordRegular />}
              subText={view.recording ? undefined : "Tells everybody and asks for their consent. This server makes no file itself."}
              data-testid="toggle-recording"
              onClick={() => void features.toggleRecording()}
            >
              {view.recording ? "Recording has ended" : "Announce a recording"}
            </MenuItem>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
