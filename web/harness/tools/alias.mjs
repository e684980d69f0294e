// The packed packages under the names that they replace, as an application installs them, with one npm of each major version that is in use:
//
// - resolved: `npm install` without a lock file makes one, for the dependencies that docs/calling-sdk.md writes down, and for these beside the published
//   UI library with its demands on its peers. What stands beside ours is the registry's newest within the ranges; nothing is downloaded but what npm
//   has to know. Skipped, with the reason, where no registry can be reached.
// - installed: `npm ci` from the harness's lock file, where everything beside ours is pinned; then imported by node as ESM and as CJS, and checked by
//   the compiler together with the UI library's declarations and with the code blocks of the documentation.
//
// Works in folders of its own; says what it found, and exits with 1 when anything is not as it should be. `node tools/alias.mjs [npm major …]`
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { blockOf, blocksOf } from './blocks.mjs';

const harness = join(dirname(fileURLToPath(import.meta.url)), '..');
const packages = join(harness, 'packages');
const CALLING = '@azure/communication-calling';
const EFFECTS = '@azure/communication-calling-effects';
/** Exact, so that a new release of npm changes no run. */
const NPM = { 10: '10.9.8', 11: '11.19.1' };
/** What npm says when it reaches no registry, as opposed to a registry that has not what is asked for. */
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;
/** Where the documentation has code that has to compile as it stands. */
const GUIDE = 'docs/calling-sdk.md';
const PAGES = [GUIDE, 'web/packages/calling/README.md', 'web/packages/calling-effects/README.md'];
const majors = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(NPM);

if (!existsSync(join(packages, 'calling.tgz'))) throw new Error('there are no packed packages; run `node tools/install.mjs` first');
const lockFile = join(harness, 'package-lock.json');
if (!existsSync(lockFile)) throw new Error('there is no lock file; run `node tools/install.mjs` first and commit it');
for (const major of majors) if (NPM[major] === undefined) throw new Error(`npm ${major} is not one of ${Object.keys(NPM).join(', ')}`);
const { dependencies, devDependencies } = JSON.parse(readFileSync(join(harness, 'package.json'), 'utf8'));

class Unreachable extends Error {}

let failed = 0;
let passed = 0;
const skipped = [];
function check(name, test) {
  try {
    test();
    passed += 1;
    process.stdout.write(`ok    ${name}\n`);
  } catch (error) {
    if (error instanceof Unreachable) {
      skipped.push(error.message);
      process.stdout.write(`skip  ${name}: ${error.message}\n`);
      return;
    }
    failed += 1;
    process.stdout.write(`FAIL  ${name}\n${String(error.stdout ?? '')}${String(error.stderr ?? error.stack)}\n`);
  }
}

for (const major of majors) {
  resolved(major);
  installed(major);
}
const unseen = skipped.length === 0 ? '' : `, ${String(skipped.length)} skipped: ${[...new Set(skipped)].join('; ')}`;
process.stdout.write(`${String(passed)} passed, ${String(failed)} failed${unseen}\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** npm finds versions for everything by itself, as on the day on which an application takes our packages up. */
function resolved(major) {
  const { dependencies: written } = JSON.parse(`{${blockOf(GUIDE, 'package.json')}}`);
  // As `npm install <name>` writes them down; of the UI library the release that the promise is for.
  const beside = ['@azure/communication-chat', 'react', 'react-dom'].map((name) => [name, `^${dependencies[name]}`]);
  const ui = { ...written, ...Object.fromEntries(beside), '@azure/communication-react': `~${dependencies['@azure/communication-react']}` };
  for (const [what, demands] of [[`the dependencies that ${GUIDE} writes down`, written], ['these, the UI library, react and chat', ui]]) {
    check(`npm ${major} resolves ${what}, without a lock file`, () => {
      const folder = mkdtempSync(join(tmpdir(), `anteroom-resolve-${major}-`));
      try {
        resolveIn(folder, major, demands);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
}

function resolveIn(folder, major, demands) {
  if (skipped.length > 0) throw new Unreachable(skipped[0]);
  // Whoever has no network is told so at once; npm itself would try for minutes.
  const env = { ...process.env, npm_config_fetch_retries: '1', npm_config_fetch_retry_mintimeout: '1000', npm_config_fetch_retry_maxtimeout: '2000' };
  const npm = (...words) => execFileSync('npx', ['--yes', `npm@${NPM[major]}`, ...words], { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  // Under the names that `cargo xtask pack` gives them, which are those that the documentation names.
  for (const file of ['calling', 'calling-effects']) {
    const { version } = JSON.parse(readFileSync(join(harness, '../packages', file, 'package.json'), 'utf8'));
    cpSync(join(packages, `${file}.tgz`), join(folder, `anteroom-${file}-${version}.tgz`));
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'application', version: '1.0.0', private: true, dependencies: demands }, null, 2));
  try {
    npm('install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline');
  } catch (error) {
    const [unreachable] = UNREACHABLE.exec(String(error.stderr)) ?? [];
    throw unreachable === undefined ? error : new Unreachable(`the registry cannot be reached (${unreachable})`);
  }
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  for (const name of [CALLING, EFFECTS]) {
    const places = Object.keys(lock.packages).filter((place) => place.endsWith(`node_modules/${name}`));
    if (places.join() !== `node_modules/${name}`) throw new Error(`${name} is at ${places.join(', ') || 'no place'}; it has to be there once`);
    const { name: real, resolved: from = '' } = lock.packages[places[0]];
    if (!real?.startsWith('@anteroom/') || !from.startsWith('file:')) throw new Error(`${name} is ${real ?? name} from ${from}`);
  }
  const { problems = [] } = JSON.parse(npm('ls', CALLING, EFFECTS, '--package-lock-only', '--json', '--all'));
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function installed(major) {
  const folder = mkdtempSync(join(tmpdir(), `anteroom-alias-${major}-`));
  const run = (program, ...words) => execFileSync(program, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const npm = (...words) => run('npx', '--yes', `npm@${NPM[major]}`, ...words);
  try {
    mkdirSync(join(folder, 'packages'));
    for (const name of ['calling.tgz', 'calling-effects.tgz']) cpSync(join(packages, name), join(folder, 'packages', name));
    const manifest = { name: 'application', version: '1.0.0', private: true, dependencies, devDependencies };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
    // The application demands what the harness does, so that the harness's lock is its own. The alias is part of it, and is checked below.
    const lock = JSON.parse(readFileSync(lockFile, 'utf8'));
    const { name, version } = manifest;
    const locked = { ...lock, name, version, packages: { ...lock.packages, '': { ...lock.packages[''], name, version } } };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(locked, null, 2));
    check(`npm ${major} installs the packages under the alias, beside the UI library`, () => {
      const used = npm('--version').trim();
      if (used !== NPM[major]) throw new Error(`this is npm ${used}`);
      npm('ci', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts');
    });
    check(`npm ${major} lists them as valid, and nothing else under these names`, () => {
      const listed = JSON.parse(npm('ls', CALLING, EFFECTS, '--json', '--all'));
      if ((listed.problems ?? []).length > 0) throw new Error(listed.problems.join('\n'));
      for (const name of [CALLING, EFFECTS]) {
        const ours = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
        if (!ours.name.startsWith('@anteroom/')) throw new Error(`${name} is ${ours.name}`);
      }
    });
    check(`npm ${major}: node imports them as ESM and as CJS`, () => {
      const names = 'CallClient Features LocalVideoStream LocalAudioStream VideoStreamRenderer DiagnosticQuality CallAgentKind CallKind IncomingCallKind RecordingState';
      const effects = 'BackgroundBlurEffect BackgroundReplacementEffect DeepNoiseSuppressionEffect';
      const look = `for (const [module, names] of [[a, '${names}'], [b, '${effects}']]) for (const name of names.split(' ')) if (module[name] === undefined) throw new Error(name);`;
      writeFileSync(join(folder, 'esm.mjs'), `import * as a from '${CALLING}';\nimport * as b from '${EFFECTS}';\n${look}\nnew a.CallClient();\n`);
      writeFileSync(join(folder, 'cjs.cjs'), `const a = require('${CALLING}');\nconst b = require('${EFFECTS}');\n${look}\nnew a.CallClient();\n`);
      run(process.execPath, 'esm.mjs');
      run(process.execPath, 'cjs.cjs');
    });
    for (const [module, moduleResolution] of [['ESNext', 'Bundler'], ['NodeNext', 'NodeNext']]) {
      check(`npm ${major}: TypeScript ${devDependencies.typescript} takes our declarations, those of the UI library whole and the code of the documentation (${moduleResolution})`, () => {
        writeFileSync(join(folder, 'application.mts'), application(moduleResolution === 'Bundler'));
        const files = ['application.mts', ...written(folder)];
        const options = { target: 'ES2022', lib: ['ES2022', 'DOM', 'DOM.Iterable'], module, moduleResolution, jsx: 'react-jsx', strict: true, skipLibCheck: false, allowJs: true, checkJs: true, noEmit: true, types: [] };
        writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
        const told = types(run);
        if (told.length > 0) throw new Error(told.join('\n'));
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lays the code blocks of the documentation down as modules, with what their pages take for granted; gives their names. */
function written(folder) {
  const given = [
    'declare const connectionString: string, token: string, meetingLink: string;',
    `declare const localVideoStream: import('${CALLING}').LocalVideoStream, localAudioStream: import('${CALLING}').LocalAudioStream;`,
  ];
  writeFileSync(join(folder, 'given.d.ts'), `${given.join('\n')}\n`);
  // In new code the packages have their own names.
  const own = join(folder, 'node_modules/@anteroom');
  mkdirSync(own, { recursive: true });
  for (const name of ['calling', 'calling-effects']) {
    if (!existsSync(join(own, name))) symlinkSync(join(folder, `node_modules/@azure/communication-${name}`), join(own, name));
  }
  // The page's back end is not part of the harness; the repository has the package for its other tests.
  const identity = '@azure/communication-identity';
  if (!existsSync(join(folder, 'node_modules', identity))) symlinkSync(join(harness, '../../node_modules', identity), join(folder, 'node_modules', identity));
  const names = ['given.d.ts'];
  for (const [at, page] of PAGES.entries()) {
    const code = [...blocksOf(page)].filter(([file]) => /\.(mjs|mts)$/.test(file));
    if (code.length === 0) throw new Error(`${page} has no marked block of code`);
    for (const [file, text] of code) {
      const name = `page${String(at + 1)}-${file}`;
      writeFileSync(join(folder, name), `${text}\nexport {};\n`);
      names.push(name);
    }
  }
  return names;
}

/** What the compiler says of our declarations, of the application, and of the UI library where it uses ours. */
function types(run) {
  try {
    run(process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.');
    return [];
  } catch (error) {
    const lines = String(error.stdout).split('\n').filter((line) => /error TS/.test(line));
    // It failed without a word about any file: it did not compile at all.
    if (lines.length === 0) throw error;
    // Other packages' declarations have faults of their own that have nothing to do with ours; whatever is not about them counts.
    return lines.filter((line) => !/^node_modules\//.test(line) || /^node_modules\/@azure\/communication-(calling|react)/.test(line));
  }
}

/** A program that uses both packages as applications do. The UI library cannot be resolved by node's own rules, whatever stands beside it. */
function application(withUi) {
  return `import { CallClient, Features, LocalVideoStream, VideoStreamRenderer } from '${CALLING}';
import type { Call, CallAgent, CallState, DeviceManager, RemoteParticipant } from '${CALLING}';
import { BackgroundBlurEffect } from '${EFFECTS}';
${withUi ? `import { CallComposite, createAzureCommunicationCallAdapter, createStatefulCallClient } from '@azure/communication-react';
export { CallComposite, createAzureCommunicationCallAdapter, createStatefulCallClient };
` : ''}
export async function join(agent: CallAgent, devices: DeviceManager): Promise<Call> {
  const [camera] = await devices.getCameras();
  const call = agent.join({ meetingLink: 'https://host/l/meetup-join/x' }, { videoOptions: { localVideoStreams: camera ? [new LocalVideoStream(camera)] : [] } });
  call.on('stateChanged', () => { const state: CallState = call.state; console.log(state); });
  call.on('remoteParticipantsUpdated', ({ added }) => { for (const person of added) show(person); });
  call.lobby.on('lobbyParticipantsUpdated', async ({ added }) => { for (const { identifier } of added) await call.lobby.admit(identifier); });
  call.feature(Features.RaiseHand).on('raisedHandEvent', ({ identifier }) => { console.log(identifier); });
  return call;
}

async function show(person: RemoteParticipant): Promise<void> {
  for (const stream of person.videoStreams) document.body.append((await new VideoStreamRenderer(stream).createView()).target);
}

export async function blur(stream: LocalVideoStream): Promise<void> {
  const effect = new BackgroundBlurEffect();
  const feature = stream.feature(Features.VideoEffects);
  if (await feature.isSupported(effect)) await feature.startEffects(effect);
}

export const client = new CallClient();
`;
}
