// Writes dist/: one ESM and one CJS file and the declarations.
import { execFileSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';

import { build } from 'esbuild';

const here = (path) => new URL(path, import.meta.url).pathname;

await rm(here('dist'), { recursive: true, force: true });
for (const [format, file] of [['esm', 'index.js'], ['cjs', 'index.cjs']]) {
  await build({ entryPoints: [here('src/index.ts')], outfile: here(`dist/${file}`), bundle: true, format, target: 'es2022', logLevel: 'warning' });
}
execFileSync('npx', ['tsc', '-p', here('tsconfig.build.json')], { stdio: 'inherit', cwd: here('.') });
// Declarations for `require`: the same, naming each other by the extension of CommonJS.
for (const name of ['index', 'effect']) {
  const text = await readFile(here(`dist/${name}.d.ts`), 'utf8');
  await writeFile(here(`dist/${name}.d.cts`), text.replaceAll("./effect.js'", "./effect.cjs'"));
}
