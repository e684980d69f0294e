// Bundles the harness into dist/. The SDK is the packed one in node_modules; ANTEROOM_HARNESS_SOURCE=1 takes the
// sources of `calling` instead, for quick trials.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const harness = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = join(harness, '../packages');
const dist = join(harness, 'dist');
const sources = { '@azure/communication-calling': join(packages, 'calling/src/index.ts') };
const { outputFiles } = await build({
  write: false,
  absWorkingDir: harness,
  entryPoints: ['src/main.tsx'],
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  sourcemap: true,
  logLevel: 'warning',
  ...(process.env.ANTEROOM_HARNESS_SOURCE === '1' ? { alias: sources, nodePaths: [join(harness, '../../node_modules')] } : {}),
});
// Only a build that succeeded replaces the last one.
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
for (const { path, contents } of outputFiles) writeFileSync(path, contents);
copyFileSync(join(harness, 'src/index.html'), join(dist, 'index.html'));
