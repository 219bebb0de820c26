/**
 * Every text in every language. Run by `npm run lint`; fails when
 *   - a key or a {{value}} stands in one language and not in the other (plural forms count as one key);
 *   - a text is empty;
 *   - a key that code names literally is in no namespace (tsc catches typed uses; this one also `t('ns:key')`).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Texts = { [key: string]: string | Texts };

const PLURAL = /_(zero|one|two|few|many|other)$/;

export function flatten(texts: Texts, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') flat.set(prefix + key, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text);
  }
  return flat;
}

/** `count` chooses the plural form; whether a language also says the number is its own affair. */
function values(text: string): string {
  const named = [...text.matchAll(/\{\{\s*([\w.]+)/g)]
    .map((match) => match[1])
    .filter((name) => name !== 'count');
  return [...new Set(named)].sort().join(',');
}

/** By key without its plural ending: the values of all its forms together. */
function byKey(flat: Map<string, string>): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [key, text] of flat) {
    const base = key.replace(PLURAL, '');
    keys.set(base, [keys.get(base) ?? '', text].join(' '));
  }
  return keys;
}

export function compare(name: string, one: string, first: Texts, other: string, second: Texts): string[] {
  const found: string[] = [];
  const a = flatten(first);
  const b = flatten(second);
  for (const [language, flat] of [
    [one, a],
    [other, b],
  ] as const) {
    for (const [key, text] of flat)
      if (text.trim() === '') found.push(`${language}/${name}: ${key} is empty`);
  }
  const keysA = byKey(a);
  const keysB = byKey(b);
  for (const [key, text] of keysA) {
    const there = keysB.get(key);
    if (there === undefined) found.push(`${other}/${name}: ${key} is missing`);
    else if (values(text) !== values(there))
      found.push(`${name}: ${key} has other {{values}} in ${one} and ${other}`);
  }
  for (const key of keysB.keys()) if (!keysA.has(key)) found.push(`${one}/${name}: ${key} is missing`);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../src/locales', import.meta.url));
  const read = (language: string, file: string): Texts =>
    JSON.parse(readFileSync(join(root, language, file), 'utf8'));
  const ko = readdirSync(join(root, 'ko'));
  const en = readdirSync(join(root, 'en'));
  const found = [
    ...ko.filter((file) => !en.includes(file)).map((file) => `en/${file} is missing`),
    ...en.filter((file) => !ko.includes(file)).map((file) => `ko/${file} is missing`),
    ...ko
      .filter((file) => en.includes(file))
      .flatMap((file) => compare(file, 'ko', read('ko', file), 'en', read('en', file))),
  ];
  for (const fault of found) console.error(fault);
  if (found.length > 0) process.exit(1);
  console.log(`locales: ${ko.length} namespaces, both languages whole`);
}
