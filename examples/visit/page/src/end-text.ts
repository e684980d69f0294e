/** How the end of a visit is told. The server's own sentence is shown where it has one; the title says at a glance what it means. */

export interface EndReason {
  code: number;
  subCode?: number;
  message?: string;
}

const TITLES: Readonly<Record<number, string>> = {
  4097: 'The visit is over',
  5300: 'You were removed from the visit',
  5854: 'You were not let in',
  5855: 'Nobody let you in',
};

export interface EndText {
  title: string;
  reason: string;
  /** Whether the visit ended, other than never having begun. */
  wasIn: boolean;
}

export function endText(reason: EndReason | undefined): EndText {
  if (reason === undefined || (reason.code === 0 && (reason.subCode ?? 0) === 0)) {
    return { title: 'You left the visit', reason: 'You can come back while the visit lasts.', wasIn: true };
  }
  const ordinary = reason.code === 0 || reason.code === 200;
  const title = TITLES[reason.subCode ?? 0] ?? (ordinary ? 'The visit is over' : 'You could not join');
  const sentence = reason.message?.trim();
  return { title, reason: sentence ? sentence : fallback(reason), wasIn: ordinary };
}

function fallback({ code, subCode }: EndReason): string {
  return `Please call the clinic and say “${String(code)} / ${String(subCode ?? 0)}”.`;
}
