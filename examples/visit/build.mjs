// Bundles the page into dist/. The calling package is taken from its source (see tsconfig.json), so no order of builds matters.
import { cp, mkdir, rm } from 'node:fs/promises';

import { build } from 'esbuild';

const here = (path) => new URL(path, import.meta.url).pathname;

await rm(here('dist'), { recursive: true, force: true });
await mkdir(here('dist'), { recursive: true });
await cp(here('public'), here('dist'), { recursive: true });
await build({
  entryPoints: [here('src/main.ts')],
  outfile: here('dist/visit.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
});
