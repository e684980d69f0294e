// Runs a TypeScript file of this folder: `node tools/run.mjs screenshots landing`.
import { runnerImport } from "vite";

const [, , name, ...rest] = process.argv;
process.argv.splice(2, process.argv.length, ...rest);
await runnerImport(new URL(`./${name}.ts`, import.meta.url).pathname, { configFile: false, logLevel: "error" });
