import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The server that answers everything but the pages while `vite dev` runs. */
const server = process.env["ANTEROOM_ORIGIN"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  plugins: [react()],
  resolve: {
    // The calling SDK is taken from its source, so that the app builds without a build of the package before it.
    alias: { "@anteroom/calling": fileURLToPath(new URL("../../packages/calling/src/index.ts", import.meta.url)) },
  },
  build: {
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: "fluent", test: /node_modules[\\/](@fluentui|@griffel|@floating-ui|tabster|keyborg)[\\/]/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      "/api": server,
      "/v1.0": server,
      "/signal": { target: server.replace("http", "ws"), ws: true },
    },
  },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
});
