/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const designer = process.env["LOCKGATE_DESIGNER"] ?? "http://localhost:8080";

/** The designer answers its own pages only: the development server passes itself off as one. */
const own = { target: designer, changeOrigin: true, headers: { origin: designer } };

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: process.env["LOCKGATE_WEB"] ?? "../designer/web",
    emptyOutDir: true,
    target: "es2022",
    // The policy of the page allows no inline code: nothing may be inlined, and preload links need no script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    sourcemap: false,
    chunkSizeWarningLimit: 1600,
  },
  server: {
    port: Number(process.env["PORT"] ?? 5173),
    proxy: { "/api": own, "/socket.io": { ...own, ws: true } },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 60_000,
  },
});
