// Builds dist/: one bundle per module system and the declarations for both. Dependencies stay outside the bundles. What is imported
// dynamically becomes a file of its own in the ESM build (`chunks/`), and stays in the one file of the CJS build.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const common = {
  absWorkingDir: root,
  entryPoints: ['src/index.ts'],
  bundle: true,
  packages: 'external',
  platform: 'browser',
  target: 'es2022',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
};
await Promise.all([
  build({ ...common, format: 'esm', splitting: true, outdir: 'dist', chunkNames: 'chunks/[name]-[hash]' }),
  build({ ...common, format: 'cjs', platform: 'neutral', outfile: 'dist/cjs/index.js' }),
]);

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });

/** Node's resolution wants whole file names; the compiler leaves specifiers as they are written. */
function complete(directory) {
  for (const entry of readdirSync(directory)) {
    const path = join(directory, entry);
    if (statSync(path).isDirectory()) complete(path);
    else if (entry.endsWith('.d.ts')) {
      const text = readFileSync(path, 'utf8').replace(/(from |import\()(['"])(\.{1,2}\/[^'"]+)\2/g, (_, lead, quote, specifier) => {
        const target = join(dirname(path), specifier);
        const whole = exists(`${target}.d.ts`) ? `${specifier}.js` : `${specifier}/index.js`;
        return `${lead}${quote}${whole}${quote}`;
      });
      writeFileSync(path, text);
    }
  }
}

function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

complete(join(dist, 'types'));
mkdirSync(join(dist, 'cjs'), { recursive: true });
cpSync(join(dist, 'types'), join(dist, 'cjs', 'types'), { recursive: true });
writeFileSync(join(dist, 'cjs', 'package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
