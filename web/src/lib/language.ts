import { keep, kept } from './keep';

export const LANGUAGES = ['ko', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const KEY = 'onsale.language';

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** What was chosen before, else the first of the browser's that the page speaks, else Korean. */
export function firstLanguage(wanted: readonly string[] = navigator.languages ?? []): Language {
  const chosen = kept(KEY);
  if (isLanguage(chosen)) return chosen;
  for (const one of wanted) {
    const short = one.slice(0, 2).toLowerCase();
    if (isLanguage(short)) return short;
  }
  return 'ko';
}

export function keepLanguage(language: Language): void {
  keep(KEY, language);
}
