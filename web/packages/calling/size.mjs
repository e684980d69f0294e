// How large the package is for a page that uses it: minified and compressed, the core and each chunk that is loaded later.
// `npm run size --workspace web/packages/calling` prints it and fails over the budget; test/package.test.ts holds the budget in every run
// of the tests.
import { dirname, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));

/** Bytes of the core, compressed, that must not be passed. */
export const BUDGET = 150 * 1024;

/** Sizes in bytes, of the package alone or (`whole`) with what it depends on. */
export async function measure(whole = false) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { core: 'src/index.ts' },
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: 'size',
    write: false,
    metafile: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
    ...(whole ? {} : { packages: 'external' }),
  });
  const sizes = new Map(
    outputFiles.map(({ path, contents }) => [relative(root, path), { minified: contents.byteLength, compressed: gzipSync(contents, { level: 9 }).byteLength }]),
  );
  // What the entry imports statically is loaded with it.
  const core = new Set();
  const follow = (name) => {
    if (core.has(name)) return;
    core.add(name);
    for (const { path, kind, external } of metafile.outputs[name]?.imports ?? []) if (kind === 'import-statement' && !external) follow(path);
  };
  follow('size/core.js');
  const sum = (names) => names.reduce((all, name) => {
    const size = sizes.get(name) ?? { minified: 0, compressed: 0 };
    return { minified: all.minified + size.minified, compressed: all.compressed + size.compressed };
  }, { minified: 0, compressed: 0 });
  const lazy = [...sizes.keys()].filter((name) => !core.has(name)).map((name) => ({ name: name.replace('size/', ''), ...sizes.get(name) }));
  return { core: sum([...core]), lazy };
}

function line(name, { minified, compressed }) {
  return `${name.padEnd(40)} ${(minified / 1024).toFixed(1).padStart(8)} kB minified ${(compressed / 1024).toFixed(1).padStart(8)} kB gzip`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [alone, whole] = [await measure(), await measure(true)];
  const out = [line('core', alone.core), ...alone.lazy.map((chunk) => line(`  later: ${chunk.name}`, chunk)), line('core with its dependencies', whole.core)];
  process.stdout.write(`${out.join('\n')}\n${(BUDGET / 1024).toFixed(0)} kB gzip is the budget of the core with its dependencies.\n`);
  if (whole.core.compressed > BUDGET) {
    process.stderr.write('The core is over its budget: load something later, or leave it out.\n');
    process.exitCode = 1;
  }
}
