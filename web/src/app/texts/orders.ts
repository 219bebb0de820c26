import en from '../../locales/en/orders.json';
import ko from '../../locales/ko/orders.json';
import { addTexts } from '../i18n';

addTexts('orders', { ko, en });
