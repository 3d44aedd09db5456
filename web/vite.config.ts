import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** `WINDHOVER_URL` (default http://127.0.0.1:8080): the running system that `npm run dev` talks to. */
const system = process.env["WINDHOVER_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  plugins: [svelte()],
  build: {
    outDir: "../api/windhover/static",
    emptyOutDir: true,
    target: "es2022",
    license: { fileName: "licenses.md" },
    // MapLibre is one megabyte that cannot be split; what counts is the compressed first load (README).
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      output: {
        // The worker's own ending, .mjs, is not known as JavaScript by every server's table of media types.
        assetFileNames: (asset) =>
          asset.names[0]?.endsWith(".mjs") ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
      },
    },
  },
  server: { proxy: { "/v1": { target: system, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
