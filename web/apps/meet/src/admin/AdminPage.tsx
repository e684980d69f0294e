import { Input, makeStyles, MessageBar, MessageBarBody, Select, Spinner, Switch, Text, tokens } from "@fluentui/react-components";
import { useEffect, useId, useState, type ReactNode } from "react";
import type { AdminSettings } from "../api/settings";
import { useApp } from "../app-context";
import { useStore, useTitle } from "../base/use-store";
import { Failed, Loading } from "../ui/States";
import { AdminGate, AdminNav, NotForYou } from "./AdminGate";
import { AdminModel } from "./admin-model";
import { sections, type Field } from "./fields";

const useStyles = makeStyles({
  page: {
    width: "100%",
    maxWidth: "760px",
    marginInline: "auto",
    padding: "24px clamp(16px, 3vw, 32px) 32px",
    boxSizing: "border-box",
    display: "flex",
    flexDirection: "column",
    gap: "20px",
  },
  title: { margin: 0, fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: 600 },
  lead: { color: tokens.colorNeutralForeground2 },
  card: {
    padding: "20px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  sub: { margin: "0 0 2px", fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, fontWeight: 600 },
  text: { color: tokens.colorNeutralForeground3 },
  row: {
    display: "flex",
    alignItems: "center",
    gap: "16px",
    paddingBlock: "14px",
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    marginTop: "14px",
    "& + &": { marginTop: 0 },
    ":last-child": { paddingBottom: 0 },
    "@media (max-width: 560px)": { flexWrap: "wrap" },
  },
  words: { flexGrow: 1, flexBasis: "220px", display: "flex", flexDirection: "column", gap: "2px" },
  label: { fontWeight: 600 },
  policy: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase100, color: tokens.colorNeutralForeground3 },
  control: { flexShrink: 0, display: "flex", alignItems: "center", gap: "8px" },
  minutes: { width: "96px" },
});

/** Administration: the switches of the organisation and the policy of its meetings. */
export function AdminPage() {
  return (
    <AdminGate path="/admin">
      <Settings />
    </AdminGate>
  );
}

function Settings() {
  const { settings: api } = useApp();
  const [model] = useState(() => new AdminModel(api));
  const state = useStore(model.state);
  useTitle("Administration");
  useEffect(() => {
    void model.load();
  }, [model]);
  switch (state.kind) {
    case "loading":
      return <Loading label="Loading the settings" />;
    case "refused":
      return <NotForYou />;
    case "failed":
      return <Failed sentence={state.sentence} retry={() => void model.load()} />;
    case "ready":
      return <Form model={model} settings={state.settings} saving={state.saving} problem={state.problem} />;
  }
}

function Form(props: { model: AdminModel; settings: AdminSettings; saving: string | undefined; problem: string }) {
  const styles = useStyles();
  return (
    <div className={styles.page} data-testid="admin-page">
      <AdminNav />
      <div>
        <h1 className={styles.title}>Administration</h1>
        <Text className={styles.lead}>Changes are saved at once and apply to running meetings within seconds.</Text>
      </div>
      {props.problem !== "" && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{props.problem}</MessageBarBody>
        </MessageBar>
      )}
      {sections.map((section) => {
        const fields = section.fields.filter((field) => field.name in props.settings[field.group]);
        return fields.length === 0 ? null : (
          <section key={section.title} className={styles.card}>
            <h2 className={styles.sub}>{section.title}</h2>
            <Text className={styles.text}>{section.text}</Text>
            {fields.map((field) => (
              <SettingRow key={field.name} field={field} saving={props.saving === field.name}>
                {(ids) => (
                  <Control
                    field={field}
                    ids={ids}
                    value={props.settings[field.group][field.name]}
                    change={(value) => void props.model.change(field.group, field.name, value)}
                  />
                )}
              </SettingRow>
            ))}
          </section>
        );
      })}
    </div>
  );
}

interface Ids {
  label: string;
  hint: string;
}

function SettingRow({ field, saving, children }: { field: Field; saving: boolean; children: (ids: Ids) => ReactNode }) {
  const styles = useStyles();
  const id = useId();
  const ids = { label: `${id}label`, hint: `${id}hint` };
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <span id={ids.label} className={styles.label}>
          {field.label}
        </span>
        <span id={ids.hint} className={styles.text}>
          {field.hint}
        </span>
        <span className={styles.policy}>{field.title}</span>
      </div>
      <div className={styles.control}>
        {saving && <Spinner size="tiny" aria-label="Saving" />}
        {children(ids)}
      </div>
    </div>
  );
}

function Control({ field, ids, value, change }: { field: Field; ids: Ids; value: unknown; change: (value: unknown) => void }) {
  const styles = useStyles();
  const described = { "aria-labelledby": ids.label, "aria-describedby": ids.hint, "data-testid": `setting-${field.name}` };
  switch (field.kind) {
    case "switch":
      return (
        <Switch
          {...described}
          checked={value === true}
          onChange={(_, { checked }) => {
            change(checked);
          }}
        />
      );
    case "choice":
      return (
        <Select
          {...described}
          value={typeof value === "string" ? value : ""}
          onChange={(_, data) => {
            change(data.value);
          }}
        >
          {field.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </Select>
      );
    case "minutes":
      return (
        <Input
          {...described}
          key={String(value)}
          className={styles.minutes}
          type="number"
          min={1}
          max={1440}
          defaultValue={typeof value === "number" ? String(Math.round(value / 60)) : ""}
          onBlur={(event) => {
            const minutes = Math.round(Number(event.currentTarget.value));
            if (minutes >= 1 && minutes <= 1440 && minutes * 60 !== value) {
              change(minutes * 60);
            }
          }}
        />
      );
  }
}
