/** The five reactions as drawings, the same on every system. Shapes only: no font is needed. */
import type { Reaction } from "@anteroom/calling";
import type { ReactElement } from "react";

const face = "#ffc83d";
const skin = "#ffcf5c";
const line = "#4a3200";

const drawings: Record<Reaction, ReactElement> = {
  like: (
    <>
      <rect x="3" y="14" width="6.5" height="14" rx="2" fill="#2f6fde" />
      <path
        d="M11 15.2 16 4.6c.4-.9 1.2-1.6 2.2-1.4 2 .4 3 2.4 2.6 4.4l-.9 4.6h6.4c2 0 3.4 1.9 2.9 3.8l-2.3 8.7A4.4 4.4 0 0 1 22.7 28H15a7 7 0 0 1-4-1.3z"
        fill={skin}
      />
      <path d="M11 15.2 16 4.6" stroke="#e0a426" strokeWidth="1.4" strokeLinecap="round" fill="none" />
    </>
  ),
  heart: <path d="M16 28.4C8.5 22.6 3 17.7 3 11.6 3 7.4 6.2 4.4 10 4.4c2.5 0 4.7 1.3 6 3.4 1.3-2.1 3.5-3.4 6-3.4 3.8 0 7 3 7 7.2 0 6.1-5.5 11-13 16.8z" fill="#e8384f" />,
  laugh: (
    <>
      <circle cx="16" cy="16" r="13.5" fill={face} />
      <path d="M7.5 12.8c1-2 3.6-2 4.6 0M19.9 12.8c1-2 3.6-2 4.6 0" stroke={line} strokeWidth="2" strokeLinecap="round" fill="none" />
      <path d="M7.8 17h16.4c0 5-3.5 8.6-8.2 8.6S7.8 22 7.8 17z" fill={line} />
      <path d="M11 23.6c1.3-1.4 3-2.1 5-2.1s3.7.7 5 2.1a8.3 8.3 0 0 1-10 0z" fill="#f0616d" />
    </>
  ),
  surprised: (
    <>
      <circle cx="16" cy="16" r="13.5" fill={face} />
      <circle cx="10.8" cy="13.4" r="2" fill={line} />
      <circle cx="21.2" cy="13.4" r="2" fill={line} />
      <path d="M8 8.8c1-1 2.4-1.3 3.8-1M24 8.8c-1-1-2.4-1.3-3.8-1" stroke={line} strokeWidth="1.6" strokeLinecap="round" fill="none" />
      <ellipse cx="16" cy="22" rx="3.4" ry="4.4" fill={line} />
    </>
  ),
  applause: (
    <>
      <path d="M4.5 5.5 6.8 8M11 2.8l.7 3.2M1.8 12.2l3.1.8" stroke="#f2994a" strokeWidth="1.8" strokeLinecap="round" />
      <g transform="rotate(-38 18 18)">
        <path d="M12 28V15.5a1.7 1.7 0 0 1 3.4 0V8.7a1.7 1.7 0 0 1 3.4 0V7.6a1.7 1.7 0 0 1 3.4 0v2a1.7 1.7 0 0 1 3.4 0V22c0 4-2.6 7-6.6 7-3 0-5.4-.4-7-1z" fill="#eeb02e" />
        <path d="M8 27V14.6a1.7 1.7 0 0 1 3.4 0V7.8a1.7 1.7 0 0 1 3.4 0V6.7a1.7 1.7 0 0 1 3.4 0v2a1.7 1.7 0 0 1 3.4 0v6.6l1.6-2.2a1.7 1.7 0 0 1 2.8 1.9l-4.3 9.3c-1.4 2.7-3.4 4.4-6.4 4.4-3.2 0-5.7-.7-7.3-1.7z" fill={skin} />
        <path d="M14.8 8.8v6.4M18.2 8.8v6.4M11.4 9.8v5.4" stroke="#d99a1c" strokeWidth="1" strokeLinecap="round" />
      </g>
    </>
  ),
};

export function ReactionArt({ kind, size }: { kind: Reaction; size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false" style={{ display: "block" }}>
      {drawings[kind]}
    </svg>
  );
}
