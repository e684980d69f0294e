// Compares our declarations with the published ones of the package that this one stands in for: exported names, members of classes and
// interfaces, events, values of enumerations, alternatives of literal unions. Prints what is missing.
//
// The published declarations (`*.d.ts` alone, nothing that runs) are a development-only download into target/, never committed; where the registry
// cannot be reached, that is said and nothing fails. `--write` writes docs/calling-sdk-types.md; `--check` fails when something is missing and ends
// with 75 when nothing could be compared.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

const own = join(dirname(fileURLToPath(import.meta.url)), '..');
const root = join(own, '../../..');

const COMPARED = [
  { published: '@azure/communication-calling', version: '1.40.1', ours: join(own, 'src/index.ts') },
  { published: '@azure/communication-calling-effects', version: '1.3.2', ours: join(own, '../calling-effects/src/index.ts') },
];

/** The published declarations, downloaded once; nothing when the registry does not answer. */
function download(name, version) {
  const folder = join(root, 'target/type-surface', `${name.split('/')[1]}-${version}`);
  if (!existsSync(folder)) {
    const archives = join(root, 'target/type-surface/archives');
    mkdirSync(archives, { recursive: true });
    try {
      const packed = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', archives, `${name}@${version}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
      const [{ filename }] = Array.isArray(packed) ? packed : Object.values(packed);
      const archive = join(archives, filename.replace('@', '').replace('/', '-'));
      // Under another name until it is whole, so that a broken download is tried again.
      const partial = `${folder}.partial`;
      rmSync(partial, { recursive: true, force: true });
      mkdirSync(partial, { recursive: true });
      try {
        execFileSync('tar', ['-xzf', archive, '-C', partial, '--strip-components=1', '--wildcards', '*.d.ts', 'package/package.json']);
      } finally {
        rmSync(archive, { force: true });
      }
      renameSync(partial, folder);
    } catch (error) {
      return { skipped: `${name} could not be downloaded: ${String(error.stderr ?? error.message).trim().split('\n').at(-1)}` };
    }
  }
  const { types, typings } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { entry: join(folder, types ?? typings ?? readdirSync(folder).find((file) => file.endsWith('.d.ts'))) };
}

/** The exports of a module by name, with the checker that knows them. */
function exportsOf(entry) {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    baseUrl: root,
    paths: { '@azure/communication-calling': [join(own, 'src/index.ts')] },
    ignoreDeprecations: '6.0',
  });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
  const symbols = new Map();
  for (const symbol of checker.getExportsOfModule(module)) {
    symbols.set(symbol.name, symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  }
  return { checker, symbols };
}

const literals = (type) => (type.isUnion() ? type.types : [type]).filter((part) => part.isStringLiteral() || part.isNumberLiteral()).map((part) => String(part.value));

/** The names of events that `on` of this type takes. */
function events(checker, type) {
  const on = type.getProperty('on');
  if (on === undefined) return [];
  const signatures = checker.getTypeOfSymbol(on).getCallSignatures();
  return signatures.flatMap((signature) => {
    const [event] = signature.getParameters();
    if (event === undefined) return [];
    const declared = checker.getTypeOfSymbol(event);
    return literals(checker.getBaseConstraintOfType(declared) ?? declared);
  });
}

const visible = (symbol) => !symbol.name.startsWith('__') && !(symbol.declarations ?? []).some((node) => ts.getCombinedModifierFlags(node) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected));

/** What an exported name offers: a set of words such as `member mute`, `event stateChanged`, `value Good = 1`. */
function offers({ checker }, symbol) {
  const words = new Set();
  if (symbol.flags & ts.SymbolFlags.Enum) {
    for (const member of symbol.exports?.values() ?? []) {
      words.add(`value ${member.name} = ${String(checker.getConstantValue(member.valueDeclaration))}`);
    }
    return words;
  }
  if (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) {
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    for (const literal of literals(type)) words.add(`alternative ${literal}`);
    // A union of objects offers what any of its parts offers; functions and primitives have no members of their own.
    const parts = (type.isUnion() ? type.types : [type]).filter((part) => part.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection) && part.getCallSignatures().length === 0);
    for (const part of parts) {
      for (const member of checker.getPropertiesOfType(part).filter(visible)) words.add(`member ${member.name}`);
      for (const event of events(checker, part)) words.add(`event ${event}`);
    }
  }
  if (symbol.flags & (ts.SymbolFlags.Variable | ts.SymbolFlags.Class) && symbol.valueDeclaration) {
    const type = checker.getTypeOfSymbol(symbol);
    for (const member of checker.getPropertiesOfType(type).filter(visible)) {
      if (member.name !== 'prototype') words.add(`static ${member.name}`);
    }
    if (type.getConstructSignatures().length > 0) words.add('constructor');
  }
  return words;
}

/** Whether a name exists when the program runs. */
const isValue = (symbol) => (symbol.flags & ts.SymbolFlags.Value) !== 0;

function compare({ published, version, ours }) {
  const { entry, skipped } = download(published, version);
  if (skipped !== undefined) return { published, version, skipped };
  const [theirs, mine] = [exportsOf(entry), exportsOf(ours)];
  const missing = [];
  let words = 0;
  for (const [name, symbol] of theirs.symbols) {
    const twin = mine.symbols.get(name);
    if (twin === undefined) {
      missing.push(`${name}: not exported`);
      continue;
    }
    if (isValue(symbol) && !isValue(twin)) missing.push(`${name}: a type here, a value there`);
    const has = offers(mine, twin);
    for (const word of offers(theirs, symbol)) {
      words += 1;
      if (!has.has(word)) missing.push(`${name}: ${word}`);
    }
  }
  return { published, version, names: theirs.symbols.size, words, missing: missing.sort() };
}

function report(result) {
  const title = `${result.published} ${result.version}`;
  if (result.skipped !== undefined) return `## ${title}\n\nSkipped: ${result.skipped}\n`;
  const { names, words, missing } = result;
  const counts = `${names} exported names with ${words} members, events, values and alternatives; missing here: ${missing.length}.`;
  return `## ${title}\n\n${counts}\n${missing.length === 0 ? '' : `\n${missing.map((line) => `- ${line}`).join('\n')}\n`}`;
}

const results = COMPARED.map(compare);
const text = results.map(report).join('\n');
process.stdout.write(text);
if (process.argv.includes('--write') && results.every(({ skipped }) => skipped === undefined)) {
  const head = '# Types of the calling SDK\n\nOur declarations against the published ones, by name. Made by `npm run type-surface --workspace web/packages/calling -- --write`.\n\n';
  writeFileSync(join(root, 'docs/calling-sdk-types.md'), `${head}${text}`);
}
if (process.argv.includes('--check')) {
  if (results.some(({ missing = [] }) => missing.length > 0)) process.exitCode = 1;
  else if (results.some(({ skipped }) => skipped !== undefined)) process.exitCode = 75;
}
