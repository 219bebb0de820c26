import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { firstLanguage, keepLanguage, LANGUAGES, type Language } from '@/lib/language';
import commonEn from '../locales/en/common.json';
import eventsEn from '../locales/en/events.json';
import type boxoffice from '../locales/ko/boxoffice.json';
import type cart from '../locales/ko/cart.json';

import commonKo from '../locales/ko/common.json';
import eventsKo from '../locales/ko/events.json';
import type orders from '../locales/ko/orders.json';
import type seats from '../locales/ko/seats.json';

/** The Korean texts name the keys: a key that is not among them does not compile (lint holds English to them). */
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      common: typeof commonKo;
      events: typeof eventsKo;
      seats: typeof seats;
      cart: typeof cart;
      orders: typeof orders;
      boxoffice: typeof boxoffice;
    };
  }
}

export type Texts = Record<string, unknown>;
type Languages = Record<Language, Texts>;

const known: Record<Language, Record<string, Texts>> = { ko: {}, en: {} };
const started = new Set<i18n>();

/** Makes a feature's texts known, in both languages. The first load has its own; others come with their pages. */
export function addTexts(namespace: string, texts: Languages): void {
  for (const language of LANGUAGES) {
    known[language][namespace] = texts[language];
    for (const instance of started) instance.addResourceBundle(language, namespace, texts[language]);
  }
}

addTexts('common', { ko: commonKo, en: commonEn });
addTexts('events', { ko: eventsKo, en: eventsEn });

export function startI18n(language: Language = firstLanguage()): i18n {
  const instance = i18next.createInstance();
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'ko',
    resources: { ko: { ...known.ko }, en: { ...known.en } },
    defaultNS: 'common',
    initAsync: false,
    // React escapes what it shows; escaping twice would show "&amp;" in a title.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  started.add(instance);
  const apply = (now: string) => {
    document.documentElement.lang = now;
  };
  apply(language);
  instance.on('languageChanged', (now) => {
    apply(now);
    const chosen = LANGUAGES.find((one) => one === now);
    if (chosen) keepLanguage(chosen);
  });
  return instance;
}
