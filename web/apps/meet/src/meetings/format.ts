/** Dates and times as people read them, in the browser's language and time zone. */

export function dayLabel(date: Date, now: Date, locale?: string): string {
  const days = Math.round((startOfDay(date).getTime() - startOfDay(now).getTime()) / 86_400_000);
  const relative = days === 0 ? "Today" : days === 1 ? "Tomorrow" : days === -1 ? "Yesterday" : undefined;
  const sameYear = date.getFullYear() === now.getFullYear();
  const text = date.toLocaleDateString(locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" as const }),
  });
  return relative === undefined ? text : `${relative}, ${text}`;
}

export function timeLabel(date: Date, locale?: string): string {
  return date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}

export function rangeLabel(start: Date, end: Date, locale?: string): string {
  const sameDay = startOfDay(start).getTime() === startOfDay(end).getTime();
  const last = sameDay
    ? timeLabel(end, locale)
    : `${end.toLocaleDateString(locale, { day: "numeric", month: "short" })}, ${timeLabel(end, locale)}`;
  return `${timeLabel(start, locale)} – ${last}`;
}

/** How long from a moment until now: `4:07`, `1:02:33`. */
export function elapsedLabel(since: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${String(hours)}:${pad(minutes)}:${pad(rest)}` : `${String(minutes)}:${pad(rest)}`;
}

/** Digits in groups of three, as one reads them out. */
export function groupedDigits(digits: string): string {
  return digits.replace(/\s+/g, "").replace(/(\d{3})(?=\d)/g, "$1 ");
}

export function startOfDay(date: Date): Date {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate());
}

/** Value of an `<input type="date">`. */
export function dateInput(date: Date): string {
  const pad = (value: number) => String(value).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** Value of an `<input type="time">`. */
export function timeInput(date: Date): string {
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** The moment that a date and a time input name, in local time. */
export function momentOf(date: string, time: string): Date | undefined {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  const clock = /^(\d{2}):(\d{2})/.exec(time);
  if (day === null || clock === null) {
    return undefined;
  }
  const moment = new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]), Number(clock[1]), Number(clock[2]));
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}
