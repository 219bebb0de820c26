import en from '../../locales/en/boxoffice.json';
import ko from '../../locales/ko/boxoffice.json';
import { addTexts } from '../i18n';

addTexts('boxoffice', { ko, en });
