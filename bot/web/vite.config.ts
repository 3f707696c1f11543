// One classic script without imports: that is what a single tag can load.
import { defineConfig } from "vitest/config";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    outDir: "dist",
    emptyOutDir: true,
    lib: { entry: "src/main.tsx", formats: ["iife"], name: "LichnoWidget", fileName: () => "widget.js" },
  },
  test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"] },
});
