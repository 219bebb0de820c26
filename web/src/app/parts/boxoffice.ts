import '../texts/boxoffice';

export { default } from '../pages/BoxOfficePage';
