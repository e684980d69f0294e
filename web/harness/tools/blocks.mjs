// Code blocks of the documentation, for those who try them: `alias.mjs` compiles them against the packed packages, and tests/e2e runs the five-minute
// path. A block is tried when its fence names a file after the language: ```ts file=join.ts. Every other block is for reading only.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const FENCE = /^(?<indent> *)```(?<language>\w+) file=(?<file>[\w.-]+)\n(?<code>[\s\S]*?)^\k<indent>```$/gm;

/**
 * The marked blocks of a page, by the name of their file. The page is named from the root of the repository.
 * @param {string} page
 * @returns {Map<string, string>}
 */
export function blocksOf(page) {
  const blocks = new Map();
  for (const { groups } of readFileSync(join(root, page), 'utf8').matchAll(FENCE)) {
    const { indent, file, code } = groups;
    if (blocks.has(file)) throw new Error(`${page} has two blocks of the name ${file}`);
    blocks.set(file, code.split('\n').map((line) => line.slice(line.startsWith(indent) ? indent.length : 0)).join('\n'));
  }
  return blocks;
}

/**
 * One marked block; without it nothing would be tried, so that is an error.
 * @param {string} page
 * @param {string} file
 * @returns {string}
 */
export function blockOf(page, file) {
  const code = blocksOf(page).get(file);
  if (code === undefined) throw new Error(`${page} has no block that is marked with file=${file}`);
  return code;
}
