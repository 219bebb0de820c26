import { useEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router';
import { announce } from '@/lib/announce';

/**
 * A new page begins at its top, for the eye and for the focus: the link that was followed is gone, and focus
 * left on nothing would begin at the browser's bar. Going back keeps the place that the browser restores.
 */
export function RouteFocus() {
  const { pathname } = useLocation();
  const how = useNavigationType();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (how !== 'POP') window.scrollTo(0, 0);
    const main = document.getElementById('main');
    main?.focus({ preventScroll: true });
    // The page sets its title in the same commit or once its data came; a moment later it is there.
    const timer = setTimeout(() => announce(document.title), 100);
    return () => clearTimeout(timer);
  }, [pathname, how]);
  return null;
}
