export { HallMap, type HallMapProps } from './components/HallMap';
export type { Hall } from './model/hall';
export { type HallInUse, useHall } from './useHall';
