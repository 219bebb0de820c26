import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { Button, Card, cx, Dialog, Skeleton } from '@/components';
import { formatNumber } from '@/lib/format';
import { problemOf } from '@/lib/problem';
import { useProblemText } from '@/lib/problem-text';
import { orThrow } from '@/lib/result';
import { readCounts } from '../api/readCounts';
import { resetEvent } from '../api/resetEvent';
import { useFeed } from '../useFeed';
import type { BoxOfficeEvent } from './BoxOffice';
import { FeedTable } from './FeedTable';

export interface DeskProps {
  events: readonly BoxOfficeEvent[];
  credential: string;
  /** The credential is no longer taken, or its owner leaves. */
  onLeave: () => void;
}

/** One event at a time: its counts, its feed, and putting it back to its beginning. */
export function Desk({ events, credential, onLeave }: DeskProps) {
  const { t, i18n } = useTranslation('boxoffice');
  const [chosen, setChosen] = useState<number>();
  const event = events.find((one) => one.id === chosen) ?? events[0];
  return (
    <div className="page flex flex-col gap-6 py-6 md:py-10">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h1 className="text-2xl md:text-3xl">{t('heading')}</h1>
        <Button kind="secondary" onClick={onLeave}>
          {t('leave')}
        </Button>
      </div>
      {event ? (
        <div className="grid gap-6 lg:grid-cols-[20rem_1fr]">
          <nav aria-label={t('events')}>
            <ul className="flex flex-col gap-2">
              {events.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    aria-current={one.id === event.id || undefined}
                    onClick={() => setChosen(one.id)}
                    className={cx(
                      'flex min-h-11 w-full items-center justify-between gap-3 rounded-md border px-4 py-2 text-start transition-colors',
                      one.id === event.id
                        ? 'border-accent bg-accent-wash'
                        : 'border-line bg-surface hover:bg-sunken',
                    )}
                  >
                    <span className="line-clamp-2 font-semibold">{one.title.slice(0, 200)}</span>
                    <span className="tabular shrink-0 text-sm text-ink-soft">
                      {formatNumber(one.available, i18n.language)} /{' '}
                      {formatNumber(one.seatCount, i18n.language)}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <EventDesk key={event.id} event={event} credential={credential} onLeave={onLeave} />
        </div>
      ) : (
        <p className="text-ink-soft">{t('noEvents')}</p>
      )}
    </div>
  );
}

function EventDesk({
  event,
  credential,
  onLeave,
}: {
  event: BoxOfficeEvent;
  credential: string;
  onLeave: () => void;
}) {
  const { t } = useTranslation('boxoffice');
  const feed = useFeed(event.id);
  return (
    <div className="flex min-w-0 flex-col gap-6">
      <Card className="flex flex-col gap-4 p-4 md:p-6">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h2 className="line-clamp-2 text-xl">{event.title.slice(0, 200)}</h2>
          <ResetButton event={event} credential={credential} onLeave={onLeave} />
        </div>
        <CountsRow eventId={event.id} changes={feed.total} />
      </Card>
      <Card className="p-4 md:p-6">
        <h2 className="mb-3 text-lg">{t('feed.heading')}</h2>
        <FeedTable feed={feed} />
      </Card>
    </div>
  );
}

const COUNTS_EACH_MS = 1000;

/** The counts, read anew at most once a second and only after the feed told of changes. */
function CountsRow({ eventId, changes }: { eventId: number; changes: number }) {
  const { t, i18n } = useTranslation('boxoffice');
  const { data, isError, error, refetch } = useQuery({
    queryKey: ['boxoffice', 'counts', eventId],
    queryFn: async ({ signal }) => orThrow(await readCounts(eventId, signal)),
    placeholderData: (before) => before,
  });
  useEffect(() => {
    if (changes === 0) return;
    const timer = setTimeout(() => void refetch(), COUNTS_EACH_MS);
    return () => clearTimeout(timer);
  }, [changes, refetch]);
  const words = useProblemText(problemOf(error));
  if (isError && !data) return <p className="text-warn">{words.title}</p>;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      {(['available', 'held', 'sold', 'blocked'] as const).map((status) => (
        <div key={status} className="rounded-md bg-sunken px-4 py-3">
          <dt className="text-sm text-ink-soft">{t(`counts.${status}`)}</dt>
          <dd className="tabular text-2xl font-bold" data-count={status}>
            {data ? formatNumber(data[status], i18n.language) : <Skeleton className="h-9 w-16" />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function ResetButton({
  event,
  credential,
  onLeave,
}: {
  event: BoxOfficeEvent;
  credential: string;
  onLeave: () => void;
}) {
  const { t } = useTranslation('boxoffice');
  const [asking, setAsking] = useState(false);
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: async () => orThrow(await resetEvent(event.id, credential)),
    onSuccess: () => {
      setAsking(false);
      toast.success(t('reset.done', { title: event.title.slice(0, 80) }));
      void queries.invalidateQueries();
    },
    onError: (error) => {
      if (error.problem.code === 'CREDENTIAL_REQUIRED') onLeave();
    },
  });
  const words = useProblemText(problemOf(reset.error));
  return (
    <>
      <Button kind="secondary" onClick={() => setAsking(true)}>
        {t('reset.button')}
      </Button>
      <Dialog
        open={asking}
        onOpenChange={(open) => {
          setAsking(open);
          if (!open) reset.reset();
        }}
        title={t('reset.title')}
        description={t('reset.text', { title: event.title.slice(0, 80) })}
      >
        {reset.isError && (
          <p role="alert" className="mb-3 rounded-md bg-warn-wash px-4 py-3 text-sm text-warn">
            {words.title}. {words.text}
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="secondary" onClick={() => setAsking(false)}>
            {t('reset.keep')}
          </Button>
          <Button busy={reset.isPending} onClick={() => reset.mutate()}>
            {t('reset.confirm')}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
