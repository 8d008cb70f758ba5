import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** The desk is an origin of its own: a bundle without a framework and without a line of the designer. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  publicDir: false,
  build: {
    outDir: process.env["LOCKGATE_DESK_WEB"] ?? fileURLToPath(new URL("../../lockgate/desk/web", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: false,
    sourcemap: false,
  },
});
