import { Button, makeStyles, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger } from "@fluentui/react-components";
import {
  HandRightOffRegular,
  MicOffRegular,
  MicProhibitedRegular,
  MicRegular,
  MoreHorizontalRegular,
  PersonDeleteRegular,
  PersonRegular,
  PresenterRegular,
  VideoPersonStarOffRegular,
  VideoPersonStarRegular,
  VideoProhibitedRegular,
  VideoRegular,
} from "@fluentui/react-icons";
import type { CallModel } from "./call-model";
import type { CallView, Person } from "./view";

const useStyles = makeStyles({
  dark: { backgroundColor: "rgba(0, 0, 0, 0.55)", color: "#fff", ":hover": { backgroundColor: "rgba(0, 0, 0, 0.75)", color: "#fff" } },
});

/** What can be done with somebody; nothing when nothing can. */
export function PersonMenu({ person, call, view, onDark }: { person: Person; call: CallModel; view: CallView; onDark?: boolean }) {
  const styles = useStyles();
  const { permissions } = view;
  const mayMute = permissions.muteOthers.allowed && !person.muted;
  const mayRemove = permissions.remove.allowed && person.role !== "organizer";
  const mayRole = permissions.changeRoles.allowed && (person.role === "presenter" || person.role === "attendee");
  const mayLower = permissions.muteOthers.allowed && person.hand !== undefined;
  const spotlit = person.spotlight !== undefined;
  const maySpotlight = spotlit ? permissions.endSpotlight.allowed : permissions.spotlight.allowed;
  // Those who run the meeting send what they like.
  const mayMicrophone = permissions.forbidMicrophone.allowed && person.role === "attendee";
  const mayCamera = permissions.forbidCamera.allowed && person.role === "attendee";
  if (![mayMute, mayRemove, mayRole, mayLower, maySpotlight, mayMicrophone, mayCamera].includes(true)) {
    return null;
  }
  const { actions } = call;
  const { features } = actions;
  const { access } = person;
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          size="small"
          appearance="subtle"
          className={onDark === true ? styles.dark : undefined}
          icon={<MoreHorizontalRegular />}
          aria-label={`Options for ${person.name}`}
          data-testid="person-menu"
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {mayMute && (
            <MenuItem icon={<MicOffRegular />} data-testid="mute-participant" onClick={() => void actions.mutePerson(person.id)}>
              Mute
            </MenuItem>
          )}
          {mayLower && (
            <MenuItem icon={<HandRightOffRegular />} onClick={() => void actions.lowerHandOf(person.id)}>
              Lower hand
            </MenuItem>
          )}
          {maySpotlight && (
            <MenuItem
              icon={spotlit ? <VideoPersonStarOffRegular /> : <VideoPersonStarRegular />}
              data-testid="spotlight"
              onClick={() => void (spotlit ? features.endSpotlight(person.id) : features.spotlight(person.id))}
            >
              {spotlit ? "Remove from the spotlight" : "Spotlight for everybody"}
            </MenuItem>
          )}
          {mayMicrophone && (
            <MenuItem
              icon={access.microphone ? <MicProhibitedRegular /> : <MicRegular />}
              data-testid="set-microphone-access"
              onClick={() => void features.setAccess("microphone", person.id, !access.microphone)}
            >
              {access.microphone ? "Forbid the microphone" : "Allow the microphone"}
            </MenuItem>
          )}
          {mayCamera && (
            <MenuItem
              icon={access.camera ? <VideoProhibitedRegular /> : <VideoRegular />}
              data-testid="set-camera-access"
              onClick={() => void features.setAccess("camera", person.id, !access.camera)}
            >
              {access.camera ? "Forbid the camera" : "Allow the camera"}
            </MenuItem>
          )}
          {mayRole && (
            <MenuItem
              icon={person.role === "presenter" ? <PersonRegular /> : <PresenterRegular />}
              data-testid="change-role"
              onClick={() => void actions.setRole(person.id, person.role === "presenter" ? "Attendee" : "Presenter")}
            >
              {person.role === "presenter" ? "Make attendee" : "Make presenter"}
            </MenuItem>
          )}
          {mayRemove && (
            <MenuItem icon={<PersonDeleteRegular />} data-testid="remove-participant" onClick={() => void actions.removePerson(person.id)}>
              Remove from the meeting
            </MenuItem>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
