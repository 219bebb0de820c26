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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = fileURLToPath(new URL('../dist', import.meta.url));
  const manifest: Manifest = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8'));
  const weigh = (files: string[]) =>
    files.reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file)), { level: 6 }).length, 0);
  const kib = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;

  const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry);
  if (!entry) throw new Error('dist/manifest.json has no entry: build first');
  const first = staticFiles(manifest, entry);
  const js = weigh(first.js);
  const css = weigh(first.css);
  console.log(
    `first load     ${kib(js)} of JavaScript (at most ${kib(FIRST_LOAD_BYTES_MAX)}), ${kib(css)} of CSS, gzip`,
  );
  for (const key of Object.keys(manifest).filter(
    (name) => manifest[name]?.isEntry !== true && name.includes('app/parts/'),
  )) {
    const more = staticFiles(manifest, key).js.filter((file) => !first.js.includes(file));
    console.log(`${key.replace(/^.*parts\/|\.ts$/g, '').padEnd(14)} ${kib(weigh(more))} more`);
  }
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const faults: string[] = [];
  if (js > FIRST_LOAD_BYTES_MAX)
    faults.push(`the first load is ${js - FIRST_LOAD_BYTES_MAX} bytes over its budget`);
  if (css > CSS_BYTES_MAX) faults.push(`the style sheet is ${css - CSS_BYTES_MAX} bytes over its budget`);
  if (/<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/i.test(html))
    faults.push('index.html has inline script or style');
  const foreign = readdirSync(join(dist, 'assets')).filter((file) =>
    /url\(\s*["']?(https?:)?\/\//.test(
      file.endsWith('.css') ? readFileSync(join(dist, 'assets', file), 'utf8') : '',
    ),
  );
  if (foreign.length > 0) faults.push(`another origin is asked by ${foreign.join(', ')}`);
  for (const fault of faults) console.error(`budget: ${fault}`);
  if (faults.length > 0) process.exit(1);
}
