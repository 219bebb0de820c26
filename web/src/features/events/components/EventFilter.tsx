import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx, Field, icons } from '@/components';
import { SHOWS, type Show } from '../model/find';

/** Safari refuses more than a hundred changes of the address in half a minute. */
const SETTLE_MS = 250;

export interface EventFilterProps {
  query: string;
  show: Show;
  onQuery: (query: string) => void;
  onShow: (show: Show) => void;
}

export function EventFilter({ query, show, onQuery, onShow }: EventFilterProps) {
  const { t } = useTranslation('events');
  const [typed, setTyped] = useState(query);
  const told = useRef(query);
  useEffect(() => {
    // The address changed by itself (back, a link): the field follows.
    if (query !== told.current) {
      told.current = query;
      setTyped(query);
    }
  }, [query]);
  useEffect(() => {
    if (typed === told.current) return;
    const timer = setTimeout(() => {
      told.current = typed;
      onQuery(typed);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [typed, onQuery]);
  return (
    <search className="flex flex-col gap-3 sm:flex-row sm:items-center">
      <Field
        label={t('search')}
        labelHidden
        type="search"
        placeholder={t('search')}
        value={typed}
        maxLength={200}
        autoComplete="off"
        enterKeyHint="search"
        icon={<icons.Search className="size-5" />}
        onChange={(event) => setTyped(event.target.value)}
        className="sm:w-80"
      />
      <fieldset className="relative -mx-4 flex gap-1 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-1">
        <legend className="sr-only">{t('show.label')}</legend>
        {SHOWS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === show}
            onClick={() => onShow(one)}
            className={cx(
              'min-h-11 shrink-0 rounded-full border px-4 text-sm font-semibold transition-colors',
              one === show
                ? 'border-ink bg-ink text-ground'
                : 'border-edge bg-surface text-ink hover:bg-sunken',
            )}
          >
            {t(`show.${one}`)}
          </button>
        ))}
      </fieldset>
    </search>
  );
}
