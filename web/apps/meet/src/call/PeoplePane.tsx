import {
  Avatar,
  Button,
  Divider,
  makeStyles,
  Menu,
  MenuItemCheckbox,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Text,
  tokens,
} from "@fluentui/react-components";
import { HandRightFilled, MicOffRegular, MicProhibitedRegular, MicRegular, MoreHorizontalRegular, VideoPersonStarRegular } from "@fluentui/react-icons";
import { useEffect, useRef } from "react";
import { Pane } from "../ui/Pane";
import type { CallModel } from "./call-model";
import { PersonMenu } from "./PersonMenu";
import type { CallView, Own, Person, PersonKind, RoleName, Waiting } from "./view";

const useStyles = makeStyles({
  body: { flexGrow: 1, overflowY: "auto", padding: "0 8px 16px" },
  heading: { display: "flex", alignItems: "center", minHeight: "36px", padding: "4px 8px" },
  sub: { margin: 0, flexGrow: 1, fontSize: tokens.fontSizeBase300, fontWeight: 600, color: tokens.colorNeutralForeground2 },
  list: { listStyleType: "none", margin: 0, padding: 0 },
  row: {
    display: "flex",
    alignItems: "center",
    gap: "10px",
    padding: "6px 8px",
    borderRadius: tokens.borderRadiusMedium,
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  who: { flexGrow: 1, minWidth: 0, display: "flex", flexDirection: "column" },
  name: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap", fontWeight: 500 },
  kind: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  icons: { display: "flex", alignItems: "center", gap: "4px", color: tokens.colorNeutralForeground3 },
  hand: { color: tokens.colorStatusWarningForeground1 },
  waitRow: { flexWrap: "wrap" },
  // Below the name and as far to the right as it.
  actions: { display: "flex", gap: "6px", width: "100%", paddingLeft: "42px" },
  divider: { margin: "8px 0", flexGrow: 0 },
});

/** Who waits and who is here. */
export function PeoplePane({ call, view, close }: { call: CallModel; view: CallView; close: () => void }) {
  const styles = useStyles();
  const closer = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    closer.current?.focus();
  }, []);
  const { actions } = call;
  const others = view.people.length;
  return (
    <Pane title="People" close={close} closeLabel="Close people" closeTestId="close-people" closeRef={closer}>
      <div className={styles.body}>
        {view.permissions.admit.allowed && view.lobby.length > 0 && (
          <section aria-label="Waiting in the lobby">
            <div className={styles.heading}>
              <h3 className={styles.sub}>Waiting in the lobby ({view.lobby.length})</h3>
              <Button size="small" appearance="subtle" data-testid="admit-all" onClick={() => void actions.admitAll()}>
                Admit all
              </Button>
            </div>
            <ul className={styles.list}>
              {view.lobby.map((waiting) => (
                <LobbyRow key={waiting.id} waiting={waiting} call={call} />
              ))}
            </ul>
            <Divider className={styles.divider} />
          </section>
        )}
        <section aria-label="In the meeting">
          <div className={styles.heading}>
            <h3 className={styles.sub}>In the meeting ({others + 1})</h3>
            {view.permissions.muteOthers.allowed && others > 0 && (
              <Button size="small" appearance="subtle" data-testid="mute-all" onClick={() => void actions.muteAll()}>
                Mute all
              </Button>
            )}
            <AttendeesMenu call={call} view={view} />
          </div>
          <ul className={styles.list}>
            <OwnRow own={view.own} />
            {view.people.map((person) => (
              <PersonRow key={person.id} person={person} call={call} view={view} />
            ))}
          </ul>
        </section>
      </div>
    </Pane>
  );
}

/** What attendees may send, for all of them at once. */
function AttendeesMenu({ call, view }: { call: CallModel; view: CallView }) {
  const { permissions, attendees } = view;
  const media = (["microphone", "camera"] as const).filter((medium) => permissions[medium === "microphone" ? "forbidMicrophone" : "forbidCamera"].allowed);
  if (media.length === 0) {
    return null;
  }
  return (
    <Menu
      positioning="below-end"
      checkedValues={{ media: media.filter((medium) => attendees[medium]) }}
      onCheckedValueChange={(_, { checkedItems }) => {
        for (const medium of media) {
          if (checkedItems.includes(medium) !== attendees[medium]) {
            void call.actions.features.setAttendees(medium, checkedItems.includes(medium));
          }
        }
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<MoreHorizontalRegular />} aria-label="What attendees may do" data-testid="attendees-menu" />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {media.map((medium) => (
            <MenuItemCheckbox key={medium} name="media" value={medium} data-testid={`attendees-${medium}`}>
              {medium === "microphone" ? "Attendees may unmute" : "Attendees may use the camera"}
            </MenuItemCheckbox>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function LobbyRow({ waiting, call }: { waiting: Waiting; call: CallModel }) {
  const styles = useStyles();
  return (
    <li className={`${styles.row} ${styles.waitRow}`} data-testid="lobby-item" data-participant-id={waiting.id} data-name={waiting.name}>
      <Avatar name={waiting.name} color="colorful" idForColor={waiting.id} aria-hidden="true" />
      <div className={styles.who}>
        <span className={styles.name}>{waiting.name}</span>
        <span className={styles.kind}>{kindText(waiting.kind)}</span>
      </div>
      <div className={styles.actions}>
        <Button size="small" data-testid="deny" aria-label={`Turn ${waiting.name} away`} onClick={() => void call.actions.deny(waiting.id)}>
          Deny
        </Button>
        <Button
          size="small"
          appearance="primary"
          data-testid="admit"
          aria-label={`Admit ${waiting.name}`}
          onClick={() => void call.actions.admit(waiting.id)}
        >
          Admit
        </Button>
      </div>
    </li>
  );
}

function PersonRow({ person, call, view }: { person: Person; call: CallModel; view: CallView }) {
  const styles = useStyles();
  return (
    <li className={styles.row} data-testid="roster-item" data-participant-id={person.id} data-name={person.name} data-role={person.role}>
      <Avatar name={person.name} color="colorful" idForColor={person.id} aria-hidden="true" />
      <div className={styles.who}>
        <span className={styles.name}>{person.name}</span>
        <span className={styles.kind}>{[roleText(person.role), kindText(person.kind)].filter((text) => text !== "").join(" · ")}</span>
      </div>
      <Marks muted={person.muted} hand={person.hand} spotlit={person.spotlight !== undefined} forbidden={!person.access.microphone} />
      <PersonMenu person={person} call={call} view={view} />
    </li>
  );
}

function OwnRow({ own }: { own: Own }) {
  const styles = useStyles();
  return (
    <li className={styles.row} data-testid="roster-self" data-role={own.role}>
      <Avatar name={own.name} color="brand" aria-hidden="true" />
      <div className={styles.who}>
        <span className={styles.name}>{own.name} (you)</span>
        <span className={styles.kind}>{roleText(own.role)}</span>
      </div>
      <Marks muted={own.muted} hand={own.hand} spotlit={own.spotlight !== undefined} forbidden={false} />
    </li>
  );
}

function Marks({ muted, hand, spotlit, forbidden }: { muted: boolean; hand: number | undefined; spotlit: boolean; forbidden: boolean }) {
  const styles = useStyles();
  return (
    <span className={styles.icons}>
      {hand !== undefined && (
        <Text className={styles.hand} size={200} aria-label={`Hand raised, number ${String(hand)}`}>
          <HandRightFilled aria-hidden="true" /> {hand}
        </Text>
      )}
      {spotlit && <VideoPersonStarRegular role="img" aria-label="In the spotlight" fontSize={18} />}
      {forbidden ? (
        <MicProhibitedRegular role="img" aria-label="May not unmute" fontSize={18} />
      ) : muted ? (
        <MicOffRegular role="img" aria-label="Muted" fontSize={18} />
      ) : (
        <MicRegular role="img" aria-label="Microphone on" fontSize={18} />
      )}
    </span>
  );
}

function roleText(role: RoleName): string {
  return { organizer: "Organizer", coOrganizer: "Co-organizer", presenter: "Presenter", attendee: "" }[role];
}

/** A guest typed the name; nobody checked it. That is said wherever a decision hangs on it. */
function kindText(kind: PersonKind): string {
  return { member: "", guest: "Guest, name not verified", phone: "By phone", application: "Application" }[kind];
}
