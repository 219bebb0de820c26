import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { ADDRESSES } from './src/app/addresses.ts';
import { packFolder } from './tools/brotli.ts';

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

/**
 * start.ts is a script of its own, the first in index.html; and index.html names, for each address, the files of its
 * part that the first load has not, so that start.ts can ask for them: `<meta name="part" content="/address/ /file …">`,
 * and the worker that reads a large hall's plan.
 */
function startsEarly(): Plugin {
  const source = fileURLToPath(new URL('./src/start.ts', import.meta.url));
  let building = false;
  return {
    name: 'starts-early',
    configResolved(config) {
      building = config.command === 'build';
    },
    buildStart() {
      if (building && this.environment?.name !== 'ssr')
        this.emitFile({ type: 'chunk', id: source, name: 'start' });
    },
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        // After the line that tells how to read all others, and before whatever is asked for: the first one there.
        const CHARSET = '<meta charset="utf-8" />';
        if (!html.includes(CHARSET)) throw new Error(`index.html has no ${CHARSET}`);
        const begin = (src: string, metas: string[] = []) =>
          html.replace(
            CHARSET,
            [CHARSET, ...metas, `<script type="module" async crossorigin src="${src}"></script>`].join(
              '\n    ',
            ),
          );
        if (!bundle) return begin('/src/start.ts');
        const chunks = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? [file] : []));
        const chunkOf = (end: string) => {
          const found = chunks.find((chunk) => chunk.facadeModuleId?.endsWith(end));
          if (!found) throw new Error(`no file was built of ${end}`);
          return found;
        };
        const filesOf = (name: string, seen: Set<string>): Set<string> => {
          const chunk = chunks.find(({ fileName }) => fileName === name);
          if (!chunk || seen.has(name)) return seen;
          seen.add(name);
          for (const css of chunk.viteMetadata?.importedCss ?? []) seen.add(css);
          for (const imported of chunk.imports) filesOf(imported, seen);
          return seen;
        };
        const start = chunkOf('/src/start.ts');
        if (start.imports.length > 0)
          throw new Error('start.ts waits for another file: it may import types only');
        const first = filesOf(chunkOf('/index.html').fileName, new Set());
        const parts = ADDRESSES.map(([address, part]) => {
          const files = [...filesOf(chunkOf(`/src/app/parts/${part}.ts`).fileName, new Set())];
          const more = files.filter((file) => !first.has(file)).map((file) => `/${file}`);
          return `<meta name="part" content="${[address, ...more].join(' ')}" />`;
        });
        const worker = Object.keys(bundle).find((file) => /planWorker-[^/]*\.js$/.test(file));
        if (!worker) throw new Error('the worker that reads large plans was not built');
        return begin(`/${start.fileName}`, [...parts, `<meta name="plan-worker" content="/${worker}" />`]);
      },
    },
  };
}

/** What was built, in Brotli too. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    writeBundle({ dir }) {
      if (dir !== undefined) packFolder(dir);
    },
  };
}

const withoutTransitions = fileURLToPath(
  new URL('./src/features/seats/canvas/noTransitions.ts', import.meta.url),
);

export default defineConfig({
  plugins: [react(), tailwindcss(), withoutStyleElements(), startsEarly(), packed()],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      'd3-transition': withoutTransitions,
      'd3-interpolate': withoutTransitions,
    },
  },
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
    rolldownOptions: {
      output: {
        // Few files: a browser has six ways to an origin at a time, and each of the others would wait for one.
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: /node_modules\/(react|react-dom|scheduler|react-router|cookie|set-cookie-parser|i18next|react-i18next|html-parse-stringify|void-elements|use-sync-external-store|openapi-fetch|@tanstack\/(react-query|query-core))\/|\/src\/(lib\/|components\/(?!Modal|Dialog|Sheet|index)|app\/i18n)|vite\/preload-helper|rolldown\/runtime/,
            },
          ],
        },
      },
    },
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
