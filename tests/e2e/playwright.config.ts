import { defineConfig } from '@playwright/test';

/**
 * One worker: every test holds several browser contexts that encode and decode video, and the machines are small.
 * No retries at a developer's desk: a test that passes only now and then is a defect. On a shared machine, where a neighbour can take both cores for
 * seconds, one more try; the summary then names the test as flaky, and that is to be looked into.
 */
export default defineConfig({
  testDir: './src',
  testMatch: '*.spec.ts',
  workers: 1,
  retries: process.env['CI'] === undefined ? 0 : 1,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 40_000 },
  reporter: [['list']],
  outputDir: '../../target/e2e/results',
  use: {
    browserName: 'chromium',
    actionTimeout: 40_000,
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env['ANTEROOM_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--use-fake-device-for-media-stream=fps=15',
        '--use-fake-ui-for-media-stream',
        '--autoplay-policy=no-user-gesture-required',
      ],
    },
  },
});
