export { Events } from './components/Events';
export { Opening } from './components/Opening';
export { SaleBadge } from './components/SaleBadge';
export { type EventSummary, isScarce, type SaleState, saleState } from './model/event';
export { prefetchEvents, useEvent, useEvents } from './useEvents';
