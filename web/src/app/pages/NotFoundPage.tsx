import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../usePageTitle';

export function NotFoundPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.notFound'));
  return <h1 className="page py-8 text-2xl">{t('title.notFound')}</h1>;
}
