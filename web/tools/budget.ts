/**
 * Weighs what a first visit loads, from the build in dist/: the script of index.html and all it imports at
 * once, gzip as nginx and the office send it. Fails over the budget. `npm run build` first.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const FIRST_LOAD_BYTES_MAX = 150 * 1024;
const CSS_BYTES_MAX = 20 * 1024;
export const FIRST_JS = 'first load, JavaScript';
const FIRST_CSS = 'first load, CSS';

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
}
export type Manifest = Record<string, Chunk>;

/** The files of a chunk and everything it imports before it can run. */
export function staticFiles(
  manifest: Manifest,
  key: string,
  seen = new Set<string>(),
): { js: string[]; css: string[] } {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return { js: [], css: [] };
  seen.add(key);
  const js = [chunk.file];
  const css = [...(chunk.css ?? [])];
  for (const imported of chunk.imports ?? []) {
    const more = staticFiles(manifest, imported, seen);
    js.push(...more.js);
    css.push(...more.css);
  }
  return { js, css };
}

const DIST = join(import.meta.dirname, '../dist');

function weigh(files: string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 6 }).length, 0);
}

/** What a first visit loads, and what each part loads beyond that. */
export function weights(): { what: string; bytes: number }[] {
  const manifest: Manifest = JSON.parse(readFileSync(join(DIST, 'manifest.json'), 'utf8'));
  const entries = Object.keys(manifest).filter((key) => manifest[key]?.isEntry);
  if (!entries.includes('index.html')) throw new Error('dist/manifest.json has no entry: build first');
  const all = entries.map((entry) => staticFiles(manifest, entry));
  const first = {
    js: [...new Set(all.flatMap(({ js }) => js))],
    css: [...new Set(all.flatMap(({ css }) => css))],
  };
  const parts = Object.keys(manifest)
    .filter((key) => manifest[key]?.isEntry !== true && key.includes('app/parts/'))
    .map((key) => ({
      what: `${key.replace(/^.*parts\/|\.ts$/g, '')}, more`,
      bytes: weigh(staticFiles(manifest, key).js.filter((file) => !first.js.includes(file))),
    }));
  const workers = readdirSync(join(DIST, 'assets')).filter((file) => /^planWorker-.*\.js$/.test(file));
  return [
    { what: FIRST_JS, bytes: weigh(first.js) },
    { what: FIRST_CSS, bytes: weigh(first.css) },
    ...parts,
    { what: 'worker for large halls', bytes: weigh(workers.map((file) => `assets/${file}`)) },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  const told = weights();
  for (const { what, bytes } of told) console.log(`${what.padEnd(24)} ${kib(bytes).padStart(10)} of gzip`);
  const of = (what: string) => told.find((each) => each.what === what)?.bytes ?? 0;
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  const faults: string[] = [];
  if (of(FIRST_JS) > FIRST_LOAD_BYTES_MAX)
    faults.push(`the first load is ${of(FIRST_JS) - FIRST_LOAD_BYTES_MAX} bytes over its budget`);
  if (of(FIRST_CSS) > CSS_BYTES_MAX)
    faults.push(`the style sheet is ${of(FIRST_CSS) - CSS_BYTES_MAX} bytes over its budget`);
  if (/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/i.test(html))
    faults.push('index.html has inline script or style');
  const foreign = readdirSync(join(DIST, 'assets')).filter((file) =>
    /url\(\s*["']?(https?:)?\/\//.test(
      file.endsWith('.css') ? readFileSync(join(DIST, 'assets', file), 'utf8') : '',
    ),
  );
  if (foreign.length > 0) faults.push(`another origin is asked by ${foreign.join(', ')}`);
  for (const fault of faults) console.error(`budget: ${fault}`);
  if (faults.length > 0) process.exit(1);
}
