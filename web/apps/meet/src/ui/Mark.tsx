/** The product's mark: a doorway seen through a doorway. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#0c6b66" />
      <path d="M7 26V14.5a9 9 0 0 1 18 0V26" fill="none" stroke="#bfe6e0" strokeWidth="2.2" strokeLinecap="round" />
      <path d="M11.5 26V15.2a4.5 4.5 0 0 1 9 0V26Z" fill="#fff" />
      <circle cx="18" cy="20.4" r="1.1" fill="#0c6b66" />
    </svg>
  );
}

/** Nested doorways as an ornament; takes the current text colour. */
export function Doorways({ className }: { className?: string }) {
  const arches = [0, 1, 2, 3, 4, 5];
  return (
    <svg className={className} viewBox="0 0 480 560" preserveAspectRatio="xMidYMax slice" aria-hidden="true" focusable="false">
      {arches.map((step) => {
        const half = 220 - step * 38;
        const top = 20 + step * 62;
        return (
          <path
            key={step}
            d={`M${String(240 - half)} 560V${String(top + half)}a${String(half)} ${String(half)} 0 0 1 ${String(half * 2)} 0V560`}
            fill="currentColor"
            fillOpacity={0.06 + step * 0.035}
            stroke="currentColor"
            strokeOpacity={0.22}
            strokeWidth="1.5"
          />
        );
      })}
    </svg>
  );
}
