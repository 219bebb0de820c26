export { BoxOffice, type BoxOfficeEvent } from './components/BoxOffice';
