import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { buttonClass, EmptyState, icons } from '@/components';
import { usePageTitle } from '../usePageTitle';

export function NotFoundPage() {
  const { t } = useTranslation('common');
  usePageTitle(t('title.notFound'));
  return (
    <EmptyState
      heading="h1"
      icon={<icons.TicketIcon className="size-14" strokeWidth="1.25" />}
      title={t('notFound.title')}
      text={t('notFound.text')}
    >
      <Link to="/" className={buttonClass('primary')}>
        {t('toEvents')}
      </Link>
    </EmptyState>
  );
}
