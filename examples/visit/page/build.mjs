// Bundles the page into ../dist/, from where server.mjs serves it.
import { cp, mkdir, rm } from 'node:fs/promises';

import { build } from 'esbuild';

const here = (path) => new URL(path, import.meta.url).pathname;

await rm(here('../dist'), { recursive: true, force: true });
await mkdir(here('../dist'), { recursive: true });
await cp(here('public'), here('../dist'), { recursive: true });
await build({
  absWorkingDir: here('.'),
  entryPoints: [here('src/main.tsx')],
  outfile: here('../dist/visit.js'),
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  // The UI library asks for these two as if it ran in node.
  define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
  minify: true,
  sourcemap: true,
  logLevel: 'warning',
});
