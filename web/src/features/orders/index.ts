export { Checkout, type CheckoutProps } from './components/Checkout';
export { OpenOrder } from './components/OpenOrder';
export { OrderProgress, type OrderProgressProps } from './components/OrderProgress';
export { Ticket, type TicketEvent } from './components/Ticket';
export { TicketList } from './components/TicketList';
