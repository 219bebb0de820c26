import '../texts/seats';
import '../texts/cart';
import '../texts/orders';

export { default } from '../pages/HallPage';
