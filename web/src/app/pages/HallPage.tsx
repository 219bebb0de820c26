import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../usePageTitle';

export default function HallPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.hall'));
  return <h1 className="page py-8 text-2xl">{t('title.hall')}</h1>;
}
