import en from '../../locales/en/cart.json';
import ko from '../../locales/ko/cart.json';
import { addTexts } from '../i18n';

addTexts('cart', { ko, en });
