import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// While developing, the page comes from Vite and everything else from a running daemon.
const daemon = process.env['SAEROK_DAEMON'] ?? 'http://127.0.0.1:8640';
// The daemon refuses a foreign Origin, and Vite's port is one.
const withoutOrigin = { target: daemon, changeOrigin: true, headers: { origin: daemon } };

export default defineConfig({
  plugins: [svelte()],
  server: { host: '127.0.0.1', proxy: { '/v1': withoutOrigin, '/healthz': withoutOrigin } },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    // Files only: what is inlined as data: would be bytes that no cache keeps.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ['tests/unit/**/*.test.ts'], environment: 'node' },
});
