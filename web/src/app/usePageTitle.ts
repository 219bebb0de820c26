import { useEffect } from 'react';

/** The tab's title: "page · Onsale". A title of absurd length is cut. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Onsale' : `${title.slice(0, 120)} · Onsale`;
  }, [title]);
}
