import { useAnnounced } from '@/lib/announce';

/** The one place that speaks to screen readers; see lib/announce. */
export function LiveRegion() {
  const { polite, assertive } = useAnnounced();
  return (
    <div className="sr-only">
      <div role="status" aria-live="polite" aria-atomic="true">
        {polite}
      </div>
      <div role="alert" aria-live="assertive" aria-atomic="true">
        {assertive}
      </div>
    </div>
  );
}
