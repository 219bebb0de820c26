import { useTranslation } from 'react-i18next';
import { usePageTitle } from '../usePageTitle';

export default function BoxOfficePage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.boxOffice'));
  return <h1 className="page py-8 text-2xl">{t('title.boxOffice')}</h1>;
}
