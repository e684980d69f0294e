import { createDarkTheme, createLightTheme, type BrandVariants, type Theme } from "@fluentui/react-components";

/** The product's colour, a deep teal; 80 carries white text (contrast above 6). */
const brand: BrandVariants = {
  10: "#031413",
  20: "#082523",
  30: "#0a3330",
  40: "#0b413d",
  50: "#0b4f4b",
  60: "#0b5954",
  70: "#0b625d",
  80: "#0c6b66",
  90: "#1f7d77",
  100: "#388f88",
  110: "#53a19a",
  120: "#6fb3ad",
  130: "#8bc5bf",
  140: "#a8d6d1",
  150: "#c5e6e3",
  160: "#e2f4f2",
};

const shared: Partial<Theme> = {
  fontFamilyBase:
    '"Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, BlinkMacSystemFont, Roboto, "Helvetica Neue", Arial, sans-serif',
  borderRadiusMedium: "6px",
  borderRadiusLarge: "8px",
  borderRadiusXLarge: "12px",
};

export const lightTheme: Theme = {
  ...createLightTheme(brand),
  ...shared,
  colorNeutralBackground2: "#f6f8f8",
  colorNeutralBackground3: "#eef2f1",
};

const dark = createDarkTheme(brand);

export const darkTheme: Theme = {
  ...dark,
  ...shared,
  colorNeutralBackground1: "#1f2423",
  colorNeutralBackground1Hover: "#2a302f",
  colorNeutralBackground2: "#161a19",
  colorNeutralBackground3: "#101312",
  colorNeutralStroke1: "#4c5654",
  colorNeutralStroke2: "#333b39",
  colorNeutralStroke3: "#2b3230",
  colorBrandForeground1: brand[120],
  colorBrandForeground2: brand[130],
  colorBrandForegroundLink: brand[120],
  colorBrandForegroundLinkHover: brand[130],
  colorBrandForegroundLinkPressed: brand[110],
  colorBrandStroke1: brand[110],
  colorCompoundBrandForeground1: brand[120],
  colorCompoundBrandStroke: brand[110],
};
