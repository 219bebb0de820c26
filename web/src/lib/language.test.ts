import { expect, it } from 'vitest';
import { firstLanguage, keepLanguage } from './language';

it('speaks what was chosen, else what the browser asks for, else Korean', () => {
  expect(firstLanguage(['fr-FR', 'en-GB', 'ko'])).toBe('en');
  expect(firstLanguage(['ko-KR', 'en'])).toBe('ko');
  expect(firstLanguage(['fr'])).toBe('ko');
  expect(firstLanguage([])).toBe('ko');
  keepLanguage('en');
  expect(firstLanguage(['ko-KR'])).toBe('en');
  localStorage.setItem('onsale.language', 'klingon');
  expect(firstLanguage(['ko-KR'])).toBe('ko');
});
