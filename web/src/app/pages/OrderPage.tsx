import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../usePageTitle';

export default function OrderPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.order'));
  return <h1 className="page py-8 text-2xl">{t('title.order')}</h1>;
}
