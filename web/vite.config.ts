import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// A running office; `npm run dev` sends it what is not the page's.
const office = process.env.ONSALE_URL ?? 'http://127.0.0.1:8080';

/**
 * The page is served under `style-src 'self'`. sonner puts its rules into a <style> element when it is
 * imported, which that policy refuses; the same rules come from its own CSS file instead (src/app/theme.css).
 */
function withoutStyleElements(): Plugin {
  return {
    name: 'without-style-elements',
    apply: 'build',
    transform(code, id) {
      if (!/node_modules\/sonner\/dist\/index\.mjs/.test(id)) return null;
      const stripped = code.replace(/^__insertCSS\(.*\);$/m, '');
      if (stripped === code) throw new Error('sonner no longer inserts its CSS where it did: look again');
      return { code: stripped, map: null };
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), withoutStyleElements()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    // OPTIONS is the office's to answer.
    cors: false,
    proxy: { '/ticketing': { target: office, changeOrigin: false } },
  },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    // Under default-src 'none' nothing may come as data: ("img-src 'self'"), so nothing is inlined.
    assetsInlineLimit: 0,
    manifest: 'manifest.json',
    sourcemap: false,
    target: 'es2022',
  },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost:8080/' } },
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    restoreMocks: true,
    testTimeout: 20_000,
    css: false,
  },
});
