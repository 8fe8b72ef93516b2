import { defineConfig } from "vite";

// Nothing is loaded from elsewhere and nothing is inline: the Content-Security-Policy allows neither.
export default defineConfig({
    base: "/",
    esbuild: { jsx: "automatic", jsxImportSource: "preact" },
    build: {
        outDir: "dist",
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: "es2022",
    },
    server: { proxy: { "/api": "http://127.0.0.1:9180" } },
});
