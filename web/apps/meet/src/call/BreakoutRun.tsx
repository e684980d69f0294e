import { Button, DialogActions, DialogBody, DialogContent, DialogTitle, Field, Input, makeStyles, Select, Text, tokens } from "@fluentui/react-components";
import { MegaphoneRegular } from "@fluentui/react-icons";
import { useState, type FormEvent } from "react";
import type { CallModel } from "./call-model";
import type { CallView, Person, RoomView } from "./view";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "12px" },
  room: { padding: "10px 12px", borderRadius: tokens.borderRadiusLarge, border: `1px solid ${tokens.colorNeutralStroke2}` },
  top: { display: "flex", alignItems: "center", gap: "8px" },
  title: { margin: 0, flexGrow: 1, minWidth: 0, overflowWrap: "anywhere", fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300, fontWeight: 600 },
  people: { listStyleType: "none", margin: "6px 0 0", padding: 0, display: "flex", flexDirection: "column", gap: "6px" },
  person: { display: "grid", gridTemplateColumns: "minmax(0, 1fr) minmax(120px, 45%)", alignItems: "center", gap: "12px" },
  name: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  say: { display: "flex", alignItems: "end", gap: "8px", "& > :first-child": { flexGrow: 1 } },
  none: { color: tokens.colorNeutralForeground3 },
});

/** The most that is said to all rooms at once. */
const longestMessage = 1000;

/** The open rooms: who is where, a word to all of them, and the end. */
export function BreakoutRun({ call, view, close }: { call: CallModel; view: CallView; close: () => void }) {
  const styles = useStyles();
  const { features } = call.actions;
  const { rooms } = view.breakout;
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const assigned = new Set(rooms.flatMap(({ people }) => people));
  const rest = view.people.filter(({ id }) => !assigned.has(id));
  const say = async () => {
    setBusy(true);
    if (await features.sayToRooms(text.trim())) {
      setText("");
    }
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "" && !busy) {
      void say();
    }
  };
  const row = (person: Person, room: RoomView | undefined) => (
    <li key={person.id} className={styles.person}>
      <span className={styles.name}>{person.name}</span>
      <Select
        size="small"
        aria-label={`Room of ${person.name}`}
        value={room?.id ?? ""}
        onChange={(_, { value }) => void features.assignRoom(person.id, value === "" ? undefined : value)}
      >
        <option value="">In the meeting</option>
        {rooms.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </li>
  );
  return (
    <DialogBody>
      <DialogTitle>Breakout rooms are open</DialogTitle>
      <DialogContent className={styles.content}>
        {rooms.map((room, index) => {
          const people = view.people.filter(({ id }) => room.people.includes(id));
          return (
            <section key={room.id} className={styles.room} aria-label={room.name} data-testid="open-room" data-name={room.name}>
              <div className={styles.top}>
                <h3 className={styles.title}>{room.name}</h3>
                <Button
                  size="small"
                  aria-label={`Join ${room.name}`}
                  data-testid="visit-room"
                  onClick={() => {
                    close();
                    void features.visitRoom(index);
                  }}
                >
                  Join
                </Button>
              </div>
              {people.length === 0 ? <Text className={styles.none}>Nobody is assigned.</Text> : <ul className={styles.people}>{people.map((person) => row(person, room))}</ul>}
            </section>
          );
        })}
        {rest.length > 0 && (
          <section className={styles.room} aria-label="Not assigned">
            <h3 className={styles.title}>Not assigned</h3>
            <ul className={styles.people}>{rest.map((person) => row(person, undefined))}</ul>
          </section>
        )}
        <form className={styles.say} onSubmit={submit}>
          <Field label="Say to all rooms">
            <Input
              value={text}
              maxLength={longestMessage}
              data-testid="rooms-message"
              onChange={(_, { value }) => {
                setText(value);
              }}
            />
          </Field>
          <Button type="submit" icon={<MegaphoneRegular />} disabled={busy || text.trim() === ""} data-testid="rooms-say">
            Send
          </Button>
        </form>
      </DialogContent>
      <DialogActions>
        <Button appearance="secondary" onClick={close}>
          Done
        </Button>
        <Button appearance="primary" data-testid="close-rooms" onClick={() => void features.closeRooms()}>
          Close all rooms
        </Button>
      </DialogActions>
    </DialogBody>
  );
}
