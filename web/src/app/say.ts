import { later } from '@/lib/later';

/** A passing word. The library comes when there is something to say, as a rule long after it was fetched for Toasts. */
export function say(text: string, id: string): void {
  later(() => import('sonner')).then(
    ({ toast }) => toast(text, { id }),
    // The network went: what matters is said on the page as well.
    () => undefined,
  );
}
