// The modules that are no TypeScript: `asset:NAME` is a file as base64 text, `script:NAME` a bundled script as text.
//
// One source for the build (a plugin of esbuild) and the unit tests (a plugin of vitest). The networks come out of the locked
// development dependencies unchanged; the kernels are compiled of kernels/.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);

/** The scripts that run outside of the page. */
export const SCRIPTS = { 'video-worker': 'src/video/worker/main.ts', 'noise-worklet': 'src/audio/worklet.ts' };

async function kernels() {
  const { default: asc } = await import('assemblyscript/asc');
  const directory = await mkdtemp(join(tmpdir(), 'anteroom-kernels-'));
  try {
    const file = join(directory, 'kernels.wasm');
    const options = ['-O3', '--noAssert', '--enable', 'simd,bulk-memory', '--runtime', 'stub', '--importMemory'];
    const { error, stderr } = await asc.main(['kernels/index.ts', '--baseDir', here('.'), '--outFile', file, ...options]);
    if (error) throw new Error(`kernels: ${error.message}\n${stderr.toString()}`);
    return await readFile(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The package has the newer network only inside of a script, as base64. */
async function rnnoise() {
  const text = await readFile(require.resolve('@jitsi/rnnoise-wasm/dist/rnnoise-sync.js'), 'utf8');
  const [bytes, ...others] = text.match(/AGFzbQ[A-Za-z0-9+/]+=*/g) ?? [];
  if (!bytes || others.length > 0) throw new Error('@jitsi/rnnoise-wasm: rnnoise-sync.js does not have one module inside; see what changed');
  return Buffer.from(bytes, 'base64');
}

const ASSETS = {
  kernels,
  'selfie-segmentation': () => readFile(require.resolve('@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite')),
  rnnoise,
};
const made = new Map();

/** A file as base64 text. */
export async function asset(name) {
  const make = ASSETS[name];
  if (!make) throw new Error(`there is no asset ${name}`);
  if (!made.has(name)) made.set(name, make().then((bytes) => bytes.toString('base64')));
  return made.get(name);
}

/** A script with everything it needs, as text. */
export async function script(name) {
  const result = await build({
    absWorkingDir: here('.'),
    entryPoints: [SCRIPTS[name]],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    logLevel: 'warning',
    plugins: [esbuildAssets()],
  });
  return result.outputFiles[0].text;
}

/** The plugin for esbuild. `scripts` says how a `script:` import is resolved; without it the text is bundled in place. */
export function esbuildAssets(scripts) {
  return {
    name: 'assets',
    setup(setup) {
      setup.onResolve({ filter: /^asset:/ }, ({ path }) => ({ path: path.slice('asset:'.length), namespace: 'asset' }));
      setup.onLoad({ filter: /.*/, namespace: 'asset' }, async ({ path }) => ({ contents: await asset(path), loader: 'text' }));
      if (scripts) setup.onResolve({ filter: /^script:/ }, ({ path }) => scripts(path.slice('script:'.length)));
    },
  };
}

/** The plugin for vitest. */
export function viteAssets() {
  return {
    name: 'assets',
    resolveId: (id) => (/^(asset|script):/.test(id) ? `\0${id}` : undefined),
    load: async (id) => {
      const [, kind, name] = /^\0(asset|script):(.+)$/.exec(id) ?? [];
      if (!name) return undefined;
      const content = JSON.stringify(await (kind === 'asset' ? asset(name) : script(name)));
      return kind === 'asset' ? `export default ${content};` : `export const text = ${content};`;
    },
  };
}
