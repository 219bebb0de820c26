/**
 * Rooms of the page: app → features/<x> → components → lib. Run by `npm run lint`.
 *   - lib imports lib; components import components and lib;
 *   - a feature imports itself, components and lib, never another feature; app composes features, by their index;
 *   - nobody but start.ts (before all others), lib/api, lib/online and a feature's api/ or stream/ folder touches
 *     the network.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** From src/, with forward slashes. */
  path: string;
  text: string;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;
const NETWORK =
  /(?<![.\w'"`-])(fetch\s*\(|new\s+EventSource\s*\(|new\s+XMLHttpRequest\b|navigator\.sendBeacon\s*\()/;

function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  if (first === 'features') return `features/${second}`;
  return path.includes('/') ? first : 'main';
}

function mayImport(from: string, to: string): boolean {
  if (from === to || to === 'lib') return true;
  if (from === 'test' || from === 'main') return true;
  if (from === 'lib') return false;
  if (to === 'components') return from === 'app' || from.startsWith('features/');
  if (to.startsWith('features/')) return from === 'app';
  return false;
}

function mayUseNetwork(path: string): boolean {
  return (
    /^(start|lib\/(api|online))\.ts$/.test(path) ||
    /^features\/\w+\/(api|stream)\//.test(path) ||
    path.startsWith('test/')
  );
}

/** Each fault as one line; none when the rooms are kept. */
export function faults(files: SourceFile[]): string[] {
  const found: string[] = [];
  for (const { path, text } of files) {
    const isTest = /\.test\.tsx?$/.test(path);
    const from = roomOf(path);
    for (const match of text.matchAll(IMPORT)) {
      const named = match[1] ?? match[2] ?? match[3] ?? '';
      let target: string;
      if (named.startsWith('@/')) target = named.slice(2);
      else if (named.startsWith('.')) target = relative('/', resolve('/', dirname(path), named));
      else continue;
      const to = roomOf(target.includes('/') ? target : `${target}/`);
      if (to === 'locales') continue;
      if (isTest && (to === 'test' || to === 'app')) continue;
      if (!mayImport(from, to)) found.push(`${path}: ${from} may not import ${to} (${named})`);
      else if (
        from === 'app' &&
        to.startsWith('features/') &&
        target.split('/').length > 2 &&
        !/\/index$/.test(target)
      ) {
        found.push(`${path}: app imports a feature by its index, not ${named}`);
      }
    }
    const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    if (!isTest && NETWORK.test(code) && !mayUseNetwork(path)) {
      found.push(`${path}: asks the network itself; a request is a file in its feature's api/`);
    }
  }
  return found;
}

function sources(root: string): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('lib/contract.ts'))
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(root, path), 'utf8') }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = faults(sources(fileURLToPath(new URL('../src', import.meta.url))));
  for (const fault of found) console.error(fault);
  if (found.length > 0) process.exit(1);
  console.log('rooms: kept');
}
