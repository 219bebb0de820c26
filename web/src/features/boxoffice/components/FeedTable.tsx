import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Badge, Button, type Tone } from '@/components';
import { formatNumber } from '@/lib/format';
import type { FeedView } from '../stream/feed';

const SHOWN_MAX = 50;

const TONES: Record<string, Tone> = { AVAILABLE: 'good', HELD: 'warn', SOLD: 'accent' };

/** The newest changes first. It can be stopped to be read; the feed goes on behind it. */
export function FeedTable({ feed }: { feed: FeedView }) {
  const { t, i18n } = useTranslation('boxoffice');
  const [stopped, setStopped] = useState<FeedView>();
  const shown = stopped ?? feed;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-ink-soft">
          <Badge tone={feed.state === 'live' ? 'good' : 'warn'}>{t(`feed.state.${feed.state}`)}</Badge>
          <span className="tabular">
            {t('feed.rate', {
              perSecond: formatNumber(feed.perSecond, i18n.language),
              total: formatNumber(feed.total, i18n.language),
            })}
          </span>
        </p>
        <Button
          kind="quiet"
          onClick={() => setStopped(stopped ? undefined : feed)}
          aria-pressed={stopped !== undefined}
        >
          {stopped ? t('feed.go') : t('feed.stop')}
        </Button>
      </div>
      {shown.lines.length === 0 ? (
        <p className="rounded-md bg-sunken px-4 py-6 text-center text-ink-soft">{t('feed.none')}</p>
      ) : (
        <section
          className="relative max-h-96 overflow-y-auto rounded-md border border-line"
          aria-label={t('feed.heading')}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
        >
          <table className="w-full text-sm">
            <thead className="sticky top-0 bg-sunken text-start">
              <tr>
                <th scope="col" className="px-4 py-2 text-start font-semibold">
                  {t('feed.seat')}
                </th>
                <th scope="col" className="px-4 py-2 text-start font-semibold">
                  {t('feed.status')}
                </th>
                <th scope="col" className="px-4 py-2 text-end font-semibold">
                  {t('feed.version')}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.lines.slice(0, SHOWN_MAX).map((line) => (
                <tr key={`${line.version}-${line.status}`} className="border-t border-line">
                  <td className="tabular px-4 py-2">{line.seatId ?? '–'}</td>
                  <td className="px-4 py-2">
                    <Badge tone={TONES[line.status] ?? 'neutral'}>{line.status}</Badge>
                  </td>
                  <td className="tabular px-4 py-2 text-end text-ink-soft">{line.version}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}
