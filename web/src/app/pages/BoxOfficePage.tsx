import { useTranslation } from 'react-i18next';
import { BoxOffice } from '@/features/boxoffice';
import { useEvents } from '@/features/events';
import { usePageTitle } from '../usePageTitle';

export default function BoxOfficePage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.boxOffice'));
  const events = useEvents();
  return <BoxOffice events={events.data?.events ?? []} />;
}
