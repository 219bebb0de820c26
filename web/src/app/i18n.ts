import i18next, { type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { firstLanguage, keepLanguage, LANGUAGES, type Language } from '@/lib/language';
import type boxoffice from '../locales/ko/boxoffice.json';
import type cart from '../locales/ko/cart.json';
import type common from '../locales/ko/common.json';
import type events from '../locales/ko/events.json';
import type orders from '../locales/ko/orders.json';
import type seats from '../locales/ko/seats.json';

/** The Korean texts name the keys: a key that is not among them does not compile (lint holds English to them). */
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      common: typeof common;
      events: typeof events;
      seats: typeof seats;
      cart: typeof cart;
      orders: typeof orders;
      boxoffice: typeof boxoffice;
    };
  }
}

type Texts = Record<string, unknown>;

const files = import.meta.glob<Texts>('../locales/*/*.json', { eager: true, import: 'default' });

function resources(): Record<Language, Record<string, Texts>> {
  const all: Record<Language, Record<string, Texts>> = { ko: {}, en: {} };
  for (const [path, texts] of Object.entries(files)) {
    const [, language, namespace] = /locales\/(\w+)\/(\w+)\.json$/.exec(path) ?? [];
    const known = LANGUAGES.find((one) => one === language);
    if (known && namespace) all[known][namespace] = texts;
  }
  return all;
}

export function startI18n(language: Language = firstLanguage()): i18n {
  const instance = i18next.createInstance();
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'ko',
    resources: resources(),
    defaultNS: 'common',
    initAsync: false,
    // React escapes what it shows; escaping twice would show "&amp;" in a title.
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  const apply = (now: string) => {
    document.documentElement.lang = now;
  };
  apply(language);
  instance.on('languageChanged', (now) => {
    apply(now);
    const known = LANGUAGES.find((one) => one === now);
    if (known) keepLanguage(known);
  });
  return instance;
}
