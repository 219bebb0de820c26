import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../usePageTitle';

export function EventsPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.events'));
  return <h1 className="page py-8 text-2xl">{t('title.events')}</h1>;
}
