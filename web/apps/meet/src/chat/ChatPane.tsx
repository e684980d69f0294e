import { Button, makeStyles, mergeClasses, Spinner, Text, Textarea, tokens } from "@fluentui/react-components";
import { SendRegular } from "@fluentui/react-icons";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "../base/use-store";
import { timeLabel } from "../meetings/format";
import { Pane } from "../ui/Pane";
import type { ChatModel } from "./chat-model";
import type { ChatEntry } from "./chat-server";
import { beginning } from "./plain-text";

const useStyles = makeStyles({
  body: { flexGrow: 1, minHeight: 0, overflowY: "auto", padding: "0 12px 8px", outlineOffset: "-2px" },
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: "8px" },
  middle: { display: "flex", justifyContent: "center", padding: "8px", textAlign: "center", color: tokens.colorNeutralForeground3 },
  system: { textAlign: "center", color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  message: {
    alignSelf: "flex-start",
    boxSizing: "border-box",
    maxWidth: "90%",
    padding: "8px 12px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  own: { alignSelf: "flex-end", backgroundColor: tokens.colorBrandBackground2, color: tokens.colorNeutralForeground1 },
  head: { display: "flex", gap: "8px", alignItems: "baseline", fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground2 },
  name: { fontWeight: 600, overflowWrap: "anywhere" },
  text: { margin: 0, whiteSpace: "pre-wrap", overflowWrap: "anywhere" },
  gone: { fontStyle: "italic", color: tokens.colorNeutralForeground3 },
  bottom: {
    padding: "8px 12px calc(12px + env(safe-area-inset-bottom))",
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    display: "flex",
    flexDirection: "column",
    gap: "6px",
  },
  row: { display: "flex", gap: "8px", alignItems: "flex-end" },
  field: { flexGrow: 1 },
  problem: { color: tokens.colorStatusDangerForeground1 },
  why: { color: tokens.colorNeutralForeground3 },
});

/** What is shown of a message at first: with a thousand messages of 28 KiB each, the page would stand still. */
const shown = { characters: 4096, lines: 60 };

/** The messages of the meeting and a field to write in. New messages are said by the page's announcer, so the list itself is no live region. */
export function ChatPane({ chat, own, close }: { chat: ChatModel; own: string; close: () => void }) {
  const styles = useStyles();
  const view = useStore(chat.view);
  const body = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const last = view.entries.at(-1)?.id;
  useLayoutEffect(() => {
    // Whoever reads further up is not pulled away from there.
    if (atEnd.current && body.current !== null) {
      body.current.scrollTop = body.current.scrollHeight;
    }
  }, [last, view.loading]);
  return (
    <Pane title="Chat" close={close} closeLabel="Close the chat" closeTestId="close-chat">
      <div
        ref={body}
        className={styles.body}
        // Scrolled with the keyboard too.
        tabIndex={0}
        role="region"
        aria-label="Messages"
        onScroll={({ currentTarget }) => {
          atEnd.current = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < 40;
        }}
      >
        {view.loading && (
          <div className={styles.middle}>
            <Spinner size="small" label="Reading the chat" />
          </div>
        )}
        {view.earlier && (
          <div className={styles.middle}>
            <Button size="small" appearance="subtle" data-testid="chat-earlier" onClick={() => void chat.showEarlier()}>
              Show earlier messages
            </Button>
          </div>
        )}
        {!view.loading && view.entries.length === 0 && view.writing.allowed && <div className={styles.middle}>Nobody has written yet.</div>}
        <ul className={styles.list}>
          {view.entries.map((entry) => (entry.kind === "message" ? <Message key={entry.id} entry={entry} own={entry.sender === own} /> : <SystemLine key={entry.id} entry={entry} />))}
        </ul>
      </div>
      <Composer chat={chat} />
    </Pane>
  );
}

function Message({ entry, own }: { entry: ChatEntry; own: boolean }) {
  const styles = useStyles();
  return (
    <li className={mergeClasses(styles.message, own && styles.own)} data-testid="chat-message" data-own={own}>
      <div className={styles.head}>
        <span className={styles.name}>{own ? "You" : entry.name}</span>
        <time dateTime={new Date(entry.at).toISOString()}>{timeLabel(new Date(entry.at))}</time>
        {entry.edited && !entry.deleted && <span>Edited</span>}
      </div>
      {entry.deleted ? <p className={mergeClasses(styles.text, styles.gone)}>This message was deleted.</p> : <Written text={entry.text} />}
    </li>
  );
}

function Written({ text }: { text: string }) {
  const styles = useStyles();
  const [all, setAll] = useState(false);
  const id = useId();
  const part = beginning(text, shown.characters, shown.lines);
  return (
    <>
      <p id={id} className={styles.text}>
        {part === undefined || all ? text : `${part}…`}
      </p>
      {part !== undefined && (
        // It stays where it is pressed, and with it the focus.
        <Button
          size="small"
          appearance="subtle"
          aria-controls={id}
          aria-expanded={all}
          data-testid="chat-all"
          onClick={() => {
            setAll(!all);
          }}
        >
          {all ? "Show less" : "Show all"}
        </Button>
      )}
    </>
  );
}

function SystemLine({ entry }: { entry: ChatEntry }) {
  const styles = useStyles();
  return (
    <li className={styles.system} data-testid="chat-system">
      {lineOf(entry)}
    </li>
  );
}

function lineOf({ kind, name, text }: ChatEntry): string {
  switch (kind) {
    case "joined":
      return `${name} joined the chat`;
    case "left":
      return `${name} left the chat`;
    case "topic":
      return `The meeting is now called “${text}”`;
    case "message":
      return text;
  }
}

/** Enter sends, Shift+Enter begins a line. What could not be sent stays in the field. */
function Composer({ chat }: { chat: ChatModel }) {
  const styles = useStyles();
  const { writing, sending, problem } = useStore(chat.view);
  const [draft, setDraft] = useState(chat.draft);
  const field = useRef<HTMLTextAreaElement>(null);
  const hint = useId();
  useEffect(() => {
    field.current?.focus();
  }, []);
  const type = (text: string) => {
    chat.keepDraft(text);
    setDraft(text);
  };
  const send = async () => {
    // What was typed meanwhile stays.
    if ((await chat.send(draft)) && chat.draft === draft) {
      type("");
    }
    field.current?.focus();
  };
  return (
    <div className={styles.bottom}>
      {problem !== "" && (
        <Text size={200} className={styles.problem} data-testid="chat-problem">
          {problem}
        </Text>
      )}
      {!writing.allowed && (
        <Text id={hint} size={200} className={styles.why} data-testid="chat-why">
          {writing.why}
        </Text>
      )}
      <div className={styles.row}>
        <Textarea
          ref={field}
          className={styles.field}
          aria-label="Message to everybody in the meeting"
          placeholder={writing.allowed ? "Write a message" : "Writing is not possible"}
          // Read-only and not disabled: it keeps the focus, and a screen reader finds the reason.
          readOnly={!writing.allowed}
          {...(writing.allowed ? {} : { "aria-describedby": hint })}
          rows={2}
          value={draft}
          data-testid="chat-input"
          onChange={(_, { value }) => {
            type(value);
          }}
          onKeyDown={(event) => {
            // While a word is composed, Enter chooses it.
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              void send();
            }
          }}
        />
        <Button
          appearance="primary"
          icon={<SendRegular />}
          aria-label="Send"
          disabledFocusable={sending || !writing.allowed || draft.trim() === ""}
          data-testid="chat-send"
          onClick={() => void send()}
        />
      </div>
    </div>
  );
}
