import { useEffect, useState, useSyncExternalStore } from 'react';
import { EMPTY_FEED, type Feed, type FeedView, openFeed } from './stream/feed';

const nothing = () => () => {};

/** The event's feed while the panel is shown. */
export function useFeed(eventId: number): FeedView {
  const [feed, setFeed] = useState<Feed>();
  useEffect(() => {
    const opened = openFeed(eventId);
    setFeed(opened);
    return () => opened.close();
  }, [eventId]);
  return useSyncExternalStore(feed?.subscribe ?? nothing, feed?.view ?? (() => EMPTY_FEED));
}
