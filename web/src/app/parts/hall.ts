import { beginHall } from '@/features/seats';
import '../texts/seats';
import '../texts/cart';
import '../texts/orders';

// Evaluated at the hall's own address: what start.ts asked for is here or on its way.
const eventId = Number(/^\/events\/(\d{1,15})\/?$/.exec(location.pathname)?.[1]);
export const begun = eventId > 0 ? beginHall(eventId) : undefined;

export { default } from '../pages/HallPage';
