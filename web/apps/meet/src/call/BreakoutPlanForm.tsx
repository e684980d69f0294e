import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Select,
  SpinButton,
  Switch,
  Text,
  tokens,
} from "@fluentui/react-components";
import { ArrowShuffleRegular } from "@fluentui/react-icons";
import { useState, type FormEvent } from "react";
import { longestName, mostRooms, planOf, problemOf, shuffled, withCount, withName, withPerson, type Draft } from "./breakout-plan";
import type { CallModel } from "./call-model";
import type { CallView } from "./view";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: "16px" },
  row: { display: "grid", gridTemplateColumns: "1fr 1fr", gap: "12px", "@media (max-width: 480px)": { gridTemplateColumns: "1fr" } },
  names: { display: "grid", gridTemplateColumns: "1fr 1fr", gap: "8px 12px", "@media (max-width: 480px)": { gridTemplateColumns: "1fr" } },
  heading: { display: "flex", alignItems: "center", justifyContent: "space-between", gap: "8px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase300, lineHeight: tokens.lineHeightBase300, fontWeight: 600 },
  people: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: "6px" },
  person: { display: "grid", gridTemplateColumns: "minmax(0, 1fr) minmax(120px, 45%)", alignItems: "center", gap: "12px" },
  name: { overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
});

const main = "main";

/** How many rooms, who goes where, for how long. */
export function BreakoutPlanForm(props: { call: CallModel; view: CallView; draft: Draft; change: (draft: Draft) => void; close: () => void }) {
  const styles = useStyles();
  const { call, view, draft, change } = props;
  const [busy, setBusy] = useState(false);
  const problem = problemOf(draft);
  const ids = view.people.map(({ id }) => id);
  const open = async () => {
    setBusy(true);
    await call.actions.features.openRooms(planOf(draft, ids));
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (problem === undefined && !busy) {
      void open();
    }
  };
  const count = (value: number | null | undefined, shown: string | undefined) => {
    const wanted = value ?? Number(shown);
    if (Number.isFinite(wanted)) {
      change(withCount(draft, wanted));
    }
  };
  return (
    <form onSubmit={submit}>
      <DialogBody>
        <DialogTitle>Breakout rooms</DialogTitle>
        <DialogContent className={styles.content}>
          <div className={styles.row}>
            <Field label="Number of rooms">
              <SpinButton
                min={1}
                max={mostRooms}
                value={draft.names.length}
                data-testid="rooms-count"
                onChange={(_, { value, displayValue }) => {
                  count(value, displayValue);
                }}
              />
            </Field>
            <Field label="Close after" hint="Empty: until you close them.">
              <Input
                inputMode="numeric"
                value={draft.minutes}
                contentAfter="minutes"
                data-testid="rooms-minutes"
                onChange={(_, { value }) => {
                  change({ ...draft, minutes: value });
                }}
              />
            </Field>
          </div>
          <div className={styles.names} role="group" aria-label="Names of the rooms">
            {draft.names.map((name, room) => (
              <Input
                // A room has no identity before it is made but its place.
                key={room}
                aria-label={`Name of room ${String(room + 1)}`}
                value={name}
                maxLength={longestName}
                data-testid="room-name"
                onChange={(_, { value }) => {
                  change(withName(draft, room, value));
                }}
              />
            ))}
          </div>
          <section>
            <div className={styles.heading}>
              <h3 className={styles.title}>People</h3>
              <Button
                size="small"
                appearance="subtle"
                icon={<ArrowShuffleRegular />}
                data-testid="assign-automatically"
                disabled={ids.length === 0}
                onClick={() => {
                  change(shuffled(draft, ids));
                }}
              >
                Assign automatically
              </Button>
            </div>
            {ids.length === 0 ? (
              <Text>Nobody else is here yet. People can be assigned while the rooms are open.</Text>
            ) : (
              <ul className={styles.people}>
                {view.people.map((person) => (
                  <li key={person.id} className={styles.person} data-testid="room-person" data-name={person.name}>
                    <span className={styles.name}>{person.name}</span>
                    <Select
                      aria-label={`Room of ${person.name}`}
                      value={String(draft.rooms.get(person.id) ?? main)}
                      onChange={(_, { value }) => {
                        change(withPerson(draft, person.id, value === main ? undefined : Number(value)));
                      }}
                    >
                      <option value={main}>Stays in the meeting</option>
                      {draft.names.map((name, room) => (
                        <option key={room} value={String(room)}>
                          {name}
                        </option>
                      ))}
                    </Select>
                  </li>
                ))}
              </ul>
            )}
          </section>
          <Switch
            checked={draft.autoMove}
            label="Move people into their room when it opens"
            data-testid="rooms-auto-move"
            onChange={(_, { checked }) => {
              change({ ...draft, autoMove: checked });
            }}
          />
          {problem !== undefined && <Text role="alert">{problem}</Text>}
        </DialogContent>
        <DialogActions>
          <Button appearance="secondary" onClick={props.close}>
            Cancel
          </Button>
          <Button type="submit" appearance="primary" disabled={busy || problem !== undefined} data-testid="open-rooms">
            Open rooms
          </Button>
        </DialogActions>
      </DialogBody>
    </form>
  );
}
