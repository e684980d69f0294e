/** The clinic in the UI library: its colours, its words, its mark, and pictures for glyphs that would come from a font on a public host. */
import { COMPOSITE_LOCALE_EN_US, darkTheme, lightTheme } from '@azure/communication-react';
import type { CompositeLocale } from '@azure/communication-react';
import { createTheme, registerIcons } from '@fluentui/react';

export const NAME = 'Riverside Clinic';

/** The same colours as in `visit.css`. */
export const THEMES = {
  light: {
    ...lightTheme,
    palette: {
      ...lightTheme.palette,
      themePrimary: '#2f6f8f',
      themeDarkAlt: '#2a6481',
      themeDark: '#24586f',
      themeDarker: '#1a4052',
      themeSecondary: '#42809e',
      themeTertiary: '#7fadc3',
      themeLight: '#c0d8e4',
      themeLighter: '#dce9f0',
      themeLighterAlt: '#f5f9fb',
    },
  },
  // The library's dark theme has its buttons' colours worked out already; they are worked out again from these.
  dark: {
    ...darkTheme,
    ...createTheme({
      isInverted: true,
      palette: {
        ...darkTheme.palette,
        themePrimary: '#5fb0d0',
        themeDarkAlt: '#6fb8d5',
        themeDark: '#86c8e2',
        themeDarker: '#a9d7e6',
        themeSecondary: '#559eba',
        themeTertiary: '#39697c',
        themeLight: '#1d353f',
        themeLighter: '#132229',
        themeLighterAlt: '#0b1418',
      },
      semanticColors: { errorText: darkTheme.semanticColors?.errorText ?? '#f1707b' },
    }),
  },
};

const english = COMPOSITE_LOCALE_EN_US;

/** English with the clinic's own words where guests come in. */
export const LOCALE: CompositeLocale = {
  ...english,
  strings: {
    ...english.strings,
    call: {
      ...english.strings.call,
      configurationPageTitle: NAME,
      configurationPageCallDetails: 'Check your camera and microphone. Somebody from the clinic lets you in.',
      startCallButtonLabel: 'Join the visit',
      lobbyScreenConnectingToCallTitle: `Connecting to ${NAME}…`,
      lobbyScreenWaitingToBeAdmittedTitle: `${NAME}: you are in the waiting room`,
      lobbyScreenWaitingToBeAdmittedMoreDetails: 'The clinic knows that you are here. Please keep this page open; you will be let in when it is your turn.',
    },
  },
};

export const BRANDING = { logo: { url: '/mark.svg', alt: NAME } };

/** The composites need one glyph of the font, the arrow of the menus. */
export function registerPictures(): void {
  registerIcons({
    icons: {
      ChevronDown: (
        <svg viewBox="0 0 16 16" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="1.5">
          <path d="m3 6 5 5 5-5" />
        </svg>
      ),
    },
  });
}
