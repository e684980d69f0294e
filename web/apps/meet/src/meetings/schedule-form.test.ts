import { describe, expect, it } from "vitest";
import { endsNextDay, newForm, read, withStartTime, type ScheduleForm } from "./schedule-form";

const form: ScheduleForm = { subject: "Review", date: "2026-03-05", startTime: "10:00", endTime: "10:30", lobbyScope: "", presenters: "", anonymousJoin: true };

describe("the form", () => {
  it("begins at the next half hour", () => {
    expect(newForm(new Date(2026, 2, 5, 9, 12))).toMatchObject({ date: "2026-03-05", startTime: "09:30", endTime: "10:00" });
    expect(newForm(new Date(2026, 2, 5, 23, 45))).toMatchObject({ date: "2026-03-06", startTime: "00:00", endTime: "00:30" });
  });

  it("makes a draft in local time", () => {
    const result = read({ ...form, subject: "  Review  " });
    expect(result).toMatchObject({ ok: true, draft: { subject: "Review", start: new Date(2026, 2, 5, 10, 0), end: new Date(2026, 2, 5, 10, 30) } });
  });

  it("lets a meeting run past midnight", () => {
    const late = { ...form, startTime: "23:30", endTime: "00:15" };
    expect(endsNextDay(late)).toBe(true);
    expect(read(late)).toMatchObject({ ok: true, draft: { end: new Date(2026, 2, 6, 0, 15) } });
  });

  it("says what is missing, field by field", () => {
    expect(read({ ...form, subject: " " })).toMatchObject({ ok: false, problems: { subject: "Give the meeting a subject." } });
    expect(read({ ...form, date: "" })).toMatchObject({ ok: false, problems: { date: "Choose a day." } });
    expect(read({ ...form, startTime: "" })).toMatchObject({ ok: false, problems: { startTime: "Choose when it starts." } });
    expect(read({ ...form, endTime: "10:00" })).toMatchObject({ ok: false, problems: { endTime: "The end has to be after the start." } });
    expect(read({ ...form, subject: "x".repeat(256) })).toMatchObject({ ok: false });
  });

  it("keeps the length when the start is moved", () => {
    expect(withStartTime(form, "14:45")).toMatchObject({ startTime: "14:45", endTime: "15:15" });
    expect(withStartTime(form, "")).toMatchObject({ startTime: "", endTime: "10:30" });
  });
});
