import type { MeetingDraft, OnlineMeeting } from "../api/meetings";
import { dateInput, momentOf, timeInput } from "./format";

/** What the fields of the schedule dialog hold. */
export interface ScheduleForm {
  subject: string;
  date: string;
  startTime: string;
  endTime: string;
  lobbyScope: string;
  presenters: string;
  anonymousJoin: boolean;
}

export type FormProblems = Partial<Record<keyof ScheduleForm, string>>;

export type FormResult = { ok: true; draft: MeetingDraft } | { ok: false; problems: FormProblems };

const halfHour = 30 * 60_000;

/** A form for a new meeting: the next half hour, for half an hour. */
export function newForm(now: Date): ScheduleForm {
  const start = new Date(Math.ceil((now.getTime() + 1) / halfHour) * halfHour);
  return {
    subject: "",
    ...times(start, new Date(start.getTime() + halfHour)),
    lobbyScope: "",
    presenters: "",
    anonymousJoin: true,
  };
}

export function formOf(meeting: OnlineMeeting): ScheduleForm {
  const { subject, lobbyScope, presenters, anonymousJoin } = meeting;
  return { subject, ...times(meeting.start, meeting.end), lobbyScope, presenters, anonymousJoin };
}

/** Whether the meeting would end on the day after it starts. */
export function endsNextDay(form: ScheduleForm): boolean {
  return form.endTime !== "" && form.startTime !== "" && form.endTime < form.startTime;
}

export function read(form: ScheduleForm): FormResult {
  const problems: FormProblems = {};
  const subject = form.subject.trim();
  if (subject === "") {
    problems.subject = "Give the meeting a subject.";
  } else if (subject.length > 255) {
    problems.subject = "Use at most 255 characters.";
  }
  const start = momentOf(form.date, form.startTime);
  const sameDayEnd = momentOf(form.date, form.endTime);
  if (momentOf(form.date, "00:00") === undefined) {
    problems.date = "Choose a day.";
  } else if (start === undefined) {
    problems.startTime = "Choose when it starts.";
  } else if (sameDayEnd === undefined) {
    problems.endTime = "Choose when it ends.";
  } else if (form.endTime === form.startTime) {
    problems.endTime = "The end has to be after the start.";
  }
  if (Object.keys(problems).length > 0 || start === undefined || sameDayEnd === undefined) {
    return { ok: false, problems };
  }
  const end = endsNextDay(form)
    ? new Date(sameDayEnd.getFullYear(), sameDayEnd.getMonth(), sameDayEnd.getDate() + 1, sameDayEnd.getHours(), sameDayEnd.getMinutes())
    : sameDayEnd;
  const { lobbyScope, presenters, anonymousJoin } = form;
  return { ok: true, draft: { subject, start, end, lobbyScope, presenters, anonymousJoin } };
}

/** Moving the start keeps the length of the meeting. */
export function withStartTime(form: ScheduleForm, startTime: string): ScheduleForm {
  const [before, after, end] = [momentOf(form.date, form.startTime), momentOf(form.date, startTime), momentOf(form.date, form.endTime)];
  if (before === undefined || after === undefined || end === undefined) {
    return { ...form, startTime };
  }
  const moved = new Date(end.getTime() + after.getTime() - before.getTime());
  return { ...form, startTime, endTime: timeInput(moved) };
}

function times(start: Date, end: Date): Pick<ScheduleForm, "date" | "startTime" | "endTime"> {
  return { date: dateInput(start), startTime: timeInput(start), endTime: timeInput(end) };
}
