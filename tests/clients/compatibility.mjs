/**
 * Makes `docs/compatibility.md` from what the client tests wrote down (`src/coverage.mjs`, `python/coverage_record.py`) and the lists in
 * `operations/`. With `--check` nothing is written: it fails when the page differs from what the tests have just shown.
 *
 * A cell says "works" only when a test of this run saw the operation succeed with that client, unmodified.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const results = process.env.ANTEROOM_COVERAGE ?? join(here, '../../target/clients');
const page = join(here, '../../docs/compatibility.md');

const ORDER = ['graph', 'calendar', 'subscriptions', 'access', 'sign-in', 'federation', 'identity', 'rooms', 'chat', 'realtime', 'relay'];
const rank = (name) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);

const seen = new Set();
if (existsSync(results)) {
  for (const file of readdirSync(results).filter((name) => name.endsWith('.jsonl'))) {
    for (const line of readFileSync(join(results, file), 'utf8').split('\n').filter(Boolean)) {
      const { operation, client, outcome } = JSON.parse(line);
      seen.add(`${operation} ${client} ${outcome}`);
    }
  }
}
if (seen.size === 0) {
  process.stderr.write('no client test has written down anything; run them first: cargo xtask test --only clients\n');
  process.exit(1);
}

const services = readdirSync(join(here, 'operations'))
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name: name.slice(0, -'.json'.length), ...JSON.parse(readFileSync(join(here, 'operations', name), 'utf8')) }))
  .sort((one, other) => rank(one.name) - rank(other.name) || one.name.localeCompare(other.name));

const totals = { works: 0, empty: 0, purpose: 0, missing: 0 };
const sections = services.map(section);
const text = `# Compatibility

Which operation works with which official client, unmodified, against a running server. Generated from the client tests
(\`cargo xtask test --only clients\`); nothing says "works" that a test of that run did not see succeed.

| cell | meaning |
|---|---|
| works | a test saw it succeed, and saw its typical failure arrive as the client's own error |
| works ¹ | a test saw it succeed; no typical failure was tried with this client, or it has none: an event has no failure of its own |
| empty ⁿ | it answers as the client expects, and there is never anything in the answer; the reason is below the table |
| refused ⁿ | refused on purpose; the reason is below the table |
| **missing** | the client offers it, and no test has seen it work |
| – | the client has no method for it |

In all: ${totals.works} work, ${totals.empty} are always empty, ${totals.purpose} refused on purpose, ${totals.missing} missing.

${sections.join('\n')}`;

if (process.argv.includes('--check')) {
  if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
    process.stderr.write('docs/compatibility.md is not what the tests have shown; write it anew: npm run compatibility --workspace tests/clients\n');
    process.exit(1);
  }
} else {
  writeFileSync(page, text);
}
process.stdout.write(`compatibility: ${totals.works} work, ${totals.empty} are always empty, ${totals.purpose} refused on purpose, ${totals.missing} missing\n`);

function section({ name, service, clients, operations, onPurpose = [], alwaysEmpty = [] }) {
  const columns = Object.entries(clients);
  const reasons = [];
  const cell = (operation, [client, { offers }]) => {
    const worked = seen.has(`${operation.id} ${client} worked`);
    const refused = seen.has(`${operation.id} ${client} refused`);
    const empty = alwaysEmpty.find((entry) => entry.operations.includes(operation.id));
    if (worked && empty !== undefined) {
      totals.empty += 1;
      if (!reasons.includes(empty)) reasons.push(empty);
      return `empty ${superscript(reasons.indexOf(empty) + 2)}`;
    }
    if (worked) {
      totals.works += 1;
      return refused ? 'works' : 'works ¹';
    }
    const purpose = onPurpose.find((entry) => entry.operation === operation.id && (entry.client === undefined || entry.client === client));
    if (purpose !== undefined) {
      totals.purpose += 1;
      if (!reasons.includes(purpose)) reasons.push(purpose);
      return `refused ${superscript(reasons.indexOf(purpose) + 2)}`;
    }
    if (!offers.includes(operation.id)) return '–';
    totals.missing += 1;
    return '**missing**';
  };
  for (const [client, { offers }] of columns) {
    const unknown = offers.find((id) => !operations.some((operation) => operation.id === id));
    if (unknown !== undefined) throw new Error(`operations/${name}.json: ${client} offers ${unknown}, which is not in the list`);
  }
  const rows = operations.map((operation) => `| ${operation.title} | \`${operation.http}\` | ${columns.map((column) => cell(operation, column)).join(' | ')} |`);
  const head = [`## ${service}`, '', `| operation | request | ${columns.map(([, { title }]) => title).join(' | ')} |`, `|---|---|${columns.map(() => '---').join('|')}|`];
  const notes = reasons.map((purpose, index) => `${superscript(index + 2)} ${purpose.why}`);
  return [...head, ...rows, ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}

function superscript(number) {
  return [...String(number)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
}
