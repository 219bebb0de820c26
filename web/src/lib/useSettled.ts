import { startTransition, useEffect, useState } from 'react';

const SETTLED_MS = 400;

/** True when what was rendered first stands and the browser has a moment: what can wait does not take its turn. */
export function useSettled(): boolean {
  const [settled, setSettled] = useState(false);
  useEffect(() => {
    const settle = () => startTransition(() => setSettled(true));
    // Safari has no requestIdleCallback.
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(settle, SETTLED_MS);
      return () => clearTimeout(timer);
    }
    const idle = requestIdleCallback(settle, { timeout: SETTLED_MS });
    return () => cancelIdleCallback(idle);
  }, []);
  return settled;
}
