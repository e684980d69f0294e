// Packs our two packages and installs an application with them under the names of the packages that they replace: the harness, or the one whose
// folder is given (`examples/visit/page`), with tarballs in its `packages/`.
//
// The lock file pins everything but our own packages: their tarballs change with every build, so their integrity is taken out of it, and their content
// is laid into node_modules again after each build. `--no-build` packs what is in dist/ already. Where CI is set nothing is resolved anew: a lock file
// that does not know our dependencies is an error there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const given = process.argv.slice(2).find((word) => !word.startsWith('--'));
const application = given === undefined ? join(root, 'web/harness') : resolve(given);
if (!existsSync(join(application, 'package.json'))) throw new Error(`${application} is no application: it has no package.json`);
const packages = join(application, 'packages');
const modules = join(application, 'node_modules');
const lockFile = join(application, 'package-lock.json');
const stamp = join(modules, '.anteroom-lock');

/** Folder of the package, and the name that the UI library imports. */
const OURS = [
  { folder: 'calling', replaces: '@azure/communication-calling' },
  { folder: 'calling-effects', replaces: '@azure/communication-calling-effects' },
];

const npm = (args, cwd) => execFileSync('npm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

mkdirSync(packages, { recursive: true });
for (const { folder } of OURS) pack(folder);

const before = existsSync(lockFile) ? read(lockFile) : undefined;
if (before === undefined || OURS.some((ours) => !knows(before, ours))) {
  if (process.env.CI) throw new Error(`${lockFile} does not know the dependencies of our packages: run setup where CI is not set, and commit it`);
  // Another dependency of ours: the lock file is made anew from the old one.
  npm(['install', '--no-audit'], application);
  withoutIntegrity();
} else if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash()) {
  npm(['ci', '--no-audit'], application);
}
for (const { folder, replaces } of OURS) {
  const target = join(modules, replaces);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', join(packages, `${folder}.tgz`), '-C', target, '--strip-components=1']);
}
expectOurs(modules);
writeFileSync(stamp, lockHash());

function pack(folder) {
  const source = join(root, 'web/packages', folder);
  if (!process.argv.includes('--no-build')) npm(['run', 'build', '--silent'], source);
  const packed = JSON.parse(npm(['pack', '--json', '--pack-destination', packages], source));
  const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
  renameSync(join(packages, filename), join(packages, `${folder}.tgz`));
}

/** Whether the lock file was made for a package of ours with the dependencies that it has now. */
function knows(lock, { folder, replaces }) {
  const has = read(join(root, 'web/packages', folder, 'package.json')).dependencies ?? {};
  const entry = lock.packages?.[`node_modules/${replaces}`];
  return entry !== undefined && sorted(entry.dependencies ?? {}) === sorted(has);
}

/** npm writes names in its own order. */
function sorted(dependencies) {
  return JSON.stringify(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function withoutIntegrity() {
  const lock = read(lockFile);
  for (const { replaces } of OURS) delete lock.packages[`node_modules/${replaces}`].integrity;
  writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
}

function lockHash() {
  return createHash('sha256').update(readFileSync(lockFile)).digest('hex');
}

/** Fails when a package whose licence does not allow it got in, at any depth. */
function expectOurs(folder) {
  for (const { replaces } of OURS) {
    for (const path of found(folder, replaces)) {
      const { name, license } = read(join(path, 'package.json'));
      if (!name.startsWith('@anteroom/') || license !== 'Apache-2.0') throw new Error(`${path} is ${name} (${license}), not ours`);
    }
  }
}

/** Every folder of this package below a node_modules folder. */
function found(folder, name) {
  const here = existsSync(join(folder, name)) ? [join(folder, name)] : [];
  const nested = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap((entry) => (entry.name.startsWith('@') ? readdirSync(join(folder, entry.name)).map((part) => join(folder, entry.name, part)) : [join(folder, entry.name)]))
    .map((path) => join(path, 'node_modules'))
    .filter((path) => existsSync(path));
  return [...here, ...nested.flatMap((path) => found(path, name))];
}
