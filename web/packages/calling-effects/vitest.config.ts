import { defineConfig } from 'vitest/config';

import { viteAssets } from './assets.mjs';

export default defineConfig({ plugins: [viteAssets()], test: { include: ['test/**/*.test.ts'] } });
