export { HallMap, type HallMapProps } from './components/HallMap';
export { beginHall } from './hallSessions';
export type { Hall } from './model/hall';
export { type HallInUse, useHall } from './useHall';
