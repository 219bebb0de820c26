import '../texts/cart';
import '../texts/orders';

export { default } from '../pages/TicketsPage';
