import { defineConfig } from '@playwright/test';

/**
 * One worker: every test holds several browser contexts that encode and decode video, and the machines are small.
 * No retries: a test that passes only now and then is a defect.
 */
export default defineConfig({
  testDir: './src',
  testMatch: '*.spec.ts',
  workers: 1,
  retries: 0,
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
