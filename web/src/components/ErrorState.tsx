import { useTranslation } from 'react-i18next';
import type { Problem } from '@/lib/problem';
import { isPassing } from '@/lib/problem';
import { useProblemText } from '@/lib/problem-text';
import { Button } from './Button';
import { CopyText } from './CopyText';
import { Warning } from './icons';

/** What went wrong in plain words, what to do next, and the Trace-Id that support asks for. */
export function ErrorState({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const { t } = useTranslation('common');
  const words = useProblemText(problem);
  return (
    <div
      role="alert"
      className="mx-auto flex max-w-md animate-rise flex-col items-center gap-3 px-4 py-16 text-center"
    >
      <span className={isPassing(problem) ? 'text-warn' : 'text-edge'}>
        <Warning className="size-10" />
      </span>
      <h2 className="text-xl">{words.title}</h2>
      <p className="text-ink-soft">{words.text}</p>
      {onRetry && (
        <Button onClick={onRetry} className="mt-2">
          {t('retry')}
        </Button>
      )}
      {problem.traceId !== '' && <CopyText label={t('traceId')} text={problem.traceId} />}
    </div>
  );
}
