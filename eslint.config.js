// One lint configuration for all TypeScript and JavaScript of the repository.
// Rules that need types run on sources that belong to a tsconfig; configuration files and plain scripts get the rest.
import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const unused = ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrorsIgnorePattern: "^_" }];

export default defineConfig(
  {
    ignores: [
      "**/node_modules/",
      "**/dist/",
      "target/",
      ".anteroom/",
      "test-results/",
      "**/playwright-report/",
      "web/packages/calling/src/wire/generated/",
      // AssemblyScript: its compiler checks it.
      "web/packages/calling-effects/kernels/",
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "warn",
      "no-restricted-syntax": [
        "error",
        {
          selector: "PropertyDefinition > PrivateIdentifier, MethodDefinition > PrivateIdentifier",
          message: "Private # members break applications that wrap objects in proxies; use the TypeScript keyword private.",
        },
      ],
      "@typescript-eslint/no-unused-vars": unused,
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-extraneous-class": "off",
    },
  },
  {
    files: ["web/**/src/**/*.{ts,tsx}", "examples/**/src/**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["web/packages/calling/src/core/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              regex: "/(adapters|session|features|public(?!/types/))/",
              message: "The core is pure: it knows the wire and the public types, and nothing that has effects.",
            },
          ],
        },
      ],
    },
  },
  { ...reactHooks.configs.flat.recommended, files: ["**/*.tsx"] },
  {
    files: ["tests/**", "**/*.test.{ts,tsx,js,mjs}", "**/test/**", "**/tools/**"],
    rules: { "no-console": "off", "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
