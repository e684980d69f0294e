// Writes dist/: entry and chunks as ESM and CJS, the two scripts as files to serve, and the declarations for both module systems.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { esbuildAssets, script, SCRIPTS } from './assets.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
await rm(here('dist'), { recursive: true, force: true });
await mkdir(here('dist/files'), { recursive: true });

// Each chunk is a file of its own with a stable name: `import()` stays `import()`, in CommonJS too, so that bundlers load it lazily.
const CHUNKS = { index: 'src/index.ts', shared: 'src/shared.ts', 'video-processor': 'src/video/processor.ts', 'noise-processor': 'src/audio/processor.ts' };
const LAZY = { './video/processor.js': 'video-processor', './audio/processor.js': 'noise-processor' };
for (const [format, extension] of [['esm', 'js'], ['cjs', 'cjs']]) {
  const external = (name) => ({ path: `./${name}.${extension}`, external: true });
  await build({
    absWorkingDir: here('.'),
    entryPoints: CHUNKS,
    outdir: 'dist',
    outExtension: { '.js': `.${extension}` },
    bundle: true,
    format,
    target: 'es2022',
    platform: 'neutral',
    logLevel: 'warning',
    plugins: [
      // Texts are the same for both: CommonJS may `import()` a module.
      esbuildAssets((name) => ({ path: `./${name}-script.js`, external: true })),
      {
        name: 'lazy',
        setup(setup) {
          // State and classes that entry and chunks must have in common.
          setup.onResolve({ filter: /\/(errors|files|support)\.js$/ }, ({ importer }) => (importer.endsWith('/src/shared.ts') ? undefined : external('shared')));
          setup.onResolve({ filter: /\/processor\.js$/ }, ({ path, kind }) => (kind === 'dynamic-import' ? external(LAZY[path]) : undefined));
        },
      },
    ],
  });
}
for (const name of Object.keys(SCRIPTS)) {
  const text = await script(name);
  await writeFile(here(`dist/files/${name}.js`), text);
  await writeFile(here(`dist/${name}-script.js`), `export const text = ${JSON.stringify(text)};\n`);
}

execFileSync(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', here('tsconfig.build.json')], { stdio: 'inherit' });
// Declarations for `require`: the same, naming each other by the extension of CommonJS.
for (const file of await readdir(here('dist/types'), { recursive: true })) {
  if (!file.endsWith('.d.ts')) continue;
  const text = await readFile(here(`dist/types/${file}`), 'utf8');
  await writeFile(here(`dist/types/${file.replace(/\.ts$/, '.cts')}`), text.replaceAll(/(['"]\.{1,2}\/[^'"]+)\.js(['"])/g, '$1.cjs$2'));
}

// What every application loads, effect or not.
const ENTRY_LIMIT = 10_000;
const entry = await Promise.all(['index.js', 'shared.js'].map((file) => readFile(here(`dist/${file}`))));
const size = gzipSync(Buffer.concat(entry)).length;
if (size > ENTRY_LIMIT) throw new Error(`the entry has ${size} bytes (gzip), more than ${ENTRY_LIMIT}; is something heavy no longer loaded lazily?`);
