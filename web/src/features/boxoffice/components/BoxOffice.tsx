import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState, ErrorState, icons, Spinner } from '@/components';
import { orThrow } from '@/lib/result';
import { findDesk } from '../api/findDesk';
import { CredentialForm } from './CredentialForm';
import { Desk } from './Desk';

export interface BoxOfficeEvent {
  id: number;
  title: string;
  seatCount: number;
  available: number;
}

/**
 * The panel for demos and rehearsals. It exists where the internal calls do: on the internal listener, and
 * with its credential, which is typed in, kept in this component's state and nowhere else, and gone with a reload.
 */
export function BoxOffice({ events }: { events: readonly BoxOfficeEvent[] }) {
  const { t } = useTranslation(['boxoffice', 'common']);
  const [credential, setCredential] = useState<string>();
  const desk = useQuery({
    queryKey: ['boxoffice', 'desk'],
    queryFn: async ({ signal }) => orThrow(await findDesk(signal)),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (desk.isPending) {
    return (
      <div className="flex justify-center py-24 text-ink-soft">
        <Spinner label={t('common:loading')} />
      </div>
    );
  }
  if (desk.isError) return <ErrorState problem={desk.error.problem} onRetry={() => void desk.refetch()} />;
  if (!desk.data) {
    return (
      <EmptyState
        heading="h1"
        icon={<icons.TicketIcon className="size-14" strokeWidth="1.25" />}
        title={t('notHere.title')}
        text={t('notHere.text')}
      />
    );
  }
  if (credential === undefined) return <CredentialForm onAccepted={setCredential} />;
  return <Desk events={events} credential={credential} onLeave={() => setCredential(undefined)} />;
}
