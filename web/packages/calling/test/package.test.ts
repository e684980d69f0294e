// @vitest-environment node
// The package as others get it: built, and imported by a process that knows no page.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// @ts-expect-error -- a script without declarations
import { BUDGET, measure } from '../size.mjs';

const root = join(import.meta.dirname, '..');
// Where Node finds the package's dependency.
const target = join(root, '../../../target');
mkdirSync(target, { recursive: true });
const folder = mkdtempSync(join(target, 'calling-package-'));
const kinds = ['esm', 'cjs'] as const;
type Kind = (typeof kinds)[number];

beforeAll(async () => {
  for (const format of kinds) {
    await build({
      absWorkingDir: root,
      entryPoints: ['src/index.ts'],
      bundle: true,
      format,
      platform: format === 'esm' ? 'browser' : 'neutral',
      target: 'es2022',
      outfile: join(folder, `${format}.${format === 'esm' ? 'mjs' : 'cjs'}`),
      packages: 'external',
      logLevel: 'error',
    });
  }
});

afterAll(() => { rmSync(folder, { recursive: true }); });

/** Runs a program beside the built package in plain Node, and gives what it printed. */
function run(format: Kind, program: string): unknown {
  const file = join(folder, `run-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  const load = format === 'esm' ? "const load = () => import('./esm.mjs');" : "const load = async () => require('./cjs.cjs');";
  writeFileSync(file, `${load}\n(async () => { console.log(JSON.stringify(await (async () => { ${program} })())); })();`);
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8', timeout: 20_000 })) as unknown;
}

describe.each(kinds)('the %s build', (format) => {
  it('imports where there is no page, and offers every name', () => {
    const names = run(format, 'return Object.keys(await load()).sort();') as string[];
    for (const name of ['CallClient', 'Features', 'LocalVideoStream', 'LocalAudioStream', 'VideoStreamRenderer', 'DiagnosticQuality', 'CallAgentKind', 'CallKind', 'IncomingCallKind', 'RecordingState']) {
      expect(names).toContain(name);
    }
  });

  it('changes nothing by being imported: no global, no prototype, no listener, no timer, and the process ends', () => {
    const changed = run(
      format,
      `// What its dependency does is not its doing.
      await import('@azure/communication-common');
      ${format === 'cjs' ? "require('@azure/communication-common');" : ''}
      const builtins = [Object, Array, Function, Promise, Map, Set, Date, Error, EventTarget, globalThis.Event].map((made) => made.prototype);
      const look = () => JSON.stringify([Reflect.ownKeys(globalThis).map(String), builtins.map((made) => Reflect.ownKeys(made).map(String))]);
      const heard = [];
      for (const name of ['addEventListener', 'setTimeout', 'setInterval', 'queueMicrotask']) {
        const before = globalThis[name];
        if (before) globalThis[name] = (...args) => { heard.push(name); return before.apply(globalThis, args); };
      }
      for (const name of ['addEventListener']) globalThis[name] ??= () => heard.push(name);
      const before = look();
      await load();
      return { same: before === look(), heard, timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout') };`,
    );
    expect(changed).toEqual({ same: true, heard: [], timers: [] });
  });

  it('makes and disposes a client without a page, and renders nothing', () => {
    const made = run(
      format,
      `const { CallClient, Features, LocalVideoStream } = await load();
      const client = new CallClient();
      const info = await client.feature(Features.DebugInfo).getEnvironmentInfo();
      const devices = await client.getDeviceManager();
      const cameras = await devices.getCameras();
      const refused = await new LocalVideoStream({ id: 'camera:1', name: 'c', deviceType: 'UsbCamera' }).getMediaStream().catch((error) => [error.code, error.subCode]);
      await client.dispose();
      return { supported: info.isSupportedEnvironment, cameras, refused };`,
    );
    expect(made).toEqual({ supported: false, cameras: [], refused: [400, 40613] });
  });
});

describe('the package', () => {
  it('says truly that importing it has no effect: a page that uses nothing of it gets nothing of it', async () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { sideEffects?: boolean };
    expect(manifest.sideEffects).toBe(false);
    const { outputFiles } = await build({
      stdin: { contents: `import '${join(root, 'src/index.ts')}'; import { CallKind } from '${join(root, 'src/index.ts')}'; export const used = 1;`, resolveDir: root },
      bundle: true,
      minify: true,
      format: 'esm',
      packages: 'external',
      write: false,
      logLevel: 'error',
    });
    expect(outputFiles[0]?.text.length ?? 0).toBeLessThan(200);
  });

  it('stays within its budget', async () => {
    const { core } = (await (measure as (whole: boolean) => Promise<{ core: { compressed: number } }>)(true));
    expect(core.compressed).toBeLessThan(BUDGET as number);
    expect(core.compressed, 'it is measured at all').toBeGreaterThan(10_000);
  });

  it('names both builds and their declarations', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string; module: string; types: string; exports: Record<string, unknown> };
    const named = JSON.stringify(manifest.exports).match(/\.\/dist\/[^"]+/g) ?? [];
    expect(named).toEqual(expect.arrayContaining(['./dist/index.js', './dist/cjs/index.js', './dist/types/index.d.ts', './dist/cjs/types/index.d.ts']));
    expect(named).toEqual(expect.arrayContaining([manifest.main, manifest.module, manifest.types]));
  });
});
