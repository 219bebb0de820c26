import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Card, Field } from '@/components';
import { useProblemText } from '@/lib/problem-text';
import { orThrow } from '@/lib/result';
import { checkCredential } from '../api/checkCredential';

const NO_PROBLEM = { code: 'PAGE', status: 0, message: '', traceId: '' } as const;

export function CredentialForm({ onAccepted }: { onAccepted: (credential: string) => void }) {
  const { t } = useTranslation('boxoffice');
  const [typed, setTyped] = useState('');
  const check = useMutation({
    mutationFn: async (credential: string) => orThrow(await checkCredential(credential)),
    onSuccess: (_, credential) => onAccepted(credential),
  });
  const words = useProblemText(check.error?.problem ?? NO_PROBLEM);
  function submit(event: FormEvent) {
    event.preventDefault();
    const credential = typed.trim();
    if (credential !== '') check.mutate(credential);
  }
  return (
    <div className="page flex justify-center py-10">
      <Card className="w-full max-w-md p-6">
        <form onSubmit={submit} className="flex flex-col gap-4">
          <h1 className="text-2xl">{t('heading')}</h1>
          <p className="text-ink-soft">{t('credential.text')}</p>
          <Field
            label={t('credential.label')}
            hint={t('credential.hint')}
            fault={check.isError ? `${words.title}. ${words.text}` : undefined}
            type="password"
            name="internal-credential"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              check.reset();
            }}
          />
          <Button type="submit" busy={check.isPending} disabled={typed.trim() === ''} wide>
            {t('credential.enter')}
          </Button>
        </form>
      </Card>
    </div>
  );
}
