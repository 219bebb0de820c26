import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Events, useEvents } from '@/features/events';
import { askForHallSoon } from '../ahead';
import { usePageTitle } from '../usePageTitle';

export function EventsPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.events'));
  const { isSuccess } = useEvents();
  useEffect(() => (isSuccess ? askForHallSoon() : undefined), [isSuccess]);
  return <Events />;
}
