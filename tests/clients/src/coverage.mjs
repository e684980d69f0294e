/**
 * Writes down which operation a test saw work, or refused as it should be, with which client: `docs/compatibility.md` is made of this
 * (`npm run compatibility --workspace tests/clients`). Call it after the assertion, never before.
 *
 * Operations and clients have their names in `operations/*.json`; an unknown name fails the test.
 */
import { appendFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const operationsDir = fileURLToPath(new URL('../operations/', import.meta.url));
const resultsDir = process.env.ANTEROOM_COVERAGE ?? fileURLToPath(new URL('../../../target/clients/', import.meta.url));

const known = new Map();
for (const file of readdirSync(operationsDir).filter((name) => name.endsWith('.json'))) {
  const service = JSON.parse(readFileSync(join(operationsDir, file), 'utf8'));
  for (const operation of service.operations) known.set(operation.id, service);
}

function record(operation, client, outcome) {
  const service = known.get(operation);
  if (service === undefined) throw new Error(`operations/*.json has no operation ${operation}`);
  if (!(client in service.clients)) throw new Error(`operations/*.json has no client ${client} for ${operation}`);
  mkdirSync(resultsDir, { recursive: true });
  appendFileSync(join(resultsDir, `js-${process.pid}.jsonl`), `${JSON.stringify({ operation, client, outcome })}\n`);
}

/** This client did this operation, and the test has seen that it did. */
export const worked = (operation, client) => record(operation, client, 'worked');

/** This client was refused its typical failure of this operation, with the error that the client knows. */
export const refused = (operation, client) => record(operation, client, 'refused');
