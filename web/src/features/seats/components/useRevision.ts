import { useCallback, useRef, useSyncExternalStore } from 'react';
import type { SeatStore } from '../model/seatStore';

// Renders again when seats have changed, but no more often than every `everyMs`: numbers that people
// read need not follow 500 changes a second.
export function useRevision(store: SeatStore, everyMs: number): number {
  const seen = useRef(store.revision);
  const subscribe = useCallback(
    (changed: () => void) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const publish = () => {
        timer = undefined;
        if (seen.current === store.revision) return;
        seen.current = store.revision;
        changed();
      };
      seen.current = store.revision;
      const forget = store.onBatch(() => {
        timer ??= setTimeout(publish, everyMs);
      });
      return () => {
        clearTimeout(timer);
        forget();
      };
    },
    [store, everyMs],
  );
  return useSyncExternalStore(subscribe, () => seen.current);
}
