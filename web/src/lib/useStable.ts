import { useCallback, useLayoutEffect, useRef } from 'react';

/** Always the same function, which does what the last rendered one does: for whoever must not be rendered again. */
export function useStable<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
  const latest = useRef(run);
  useLayoutEffect(() => {
    latest.current = run;
  });
  return useCallback((...args: Args) => latest.current(...args), []);
}
