import en from '../../locales/en/seats.json';
import ko from '../../locales/ko/seats.json';
import { addTexts } from '../i18n';

addTexts('seats', { ko, en });
