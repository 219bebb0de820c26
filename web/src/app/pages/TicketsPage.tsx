import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../usePageTitle';

export default function TicketsPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.tickets'));
  return <h1 className="page py-8 text-2xl">{t('title.tickets')}</h1>;
}
