import { useTranslation } from 'react-i18next';
import { Events } from '@/features/events';
import { usePageTitle } from '../usePageTitle';

export function EventsPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.events'));
  return <Events />;
}
