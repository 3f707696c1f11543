// Two classic scripts without imports: the widget, which a single tag loads (`vite build --mode widget`), and the agent
// desk with its style sheet (`--mode desk`).
import { defineConfig } from "vitest/config";

const ENTRIES = {
  widget: { entry: "src/main.tsx", name: "LichnoWidget" },
  desk: { entry: "src/desk/main.tsx", name: "LichnoDesk", cssFileName: "desk" },
};

export default defineConfig(({ mode }) => ({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2021",
    outDir: "dist",
    emptyOutDir: mode === "widget",
    lib: { ...ENTRIES[mode === "desk" ? "desk" : "widget"], formats: ["iife"], fileName: () => `${mode}.js` },
  },
  test: { environment: "happy-dom", include: ["test/**/*.test.{ts,tsx}"] },
}));
