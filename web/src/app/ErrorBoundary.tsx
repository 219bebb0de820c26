import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { Button, buttonClass, CopyText, icons } from '@/components';
import { type Problem, problemOf } from '@/lib/problem';
import { useProblemText } from '@/lib/problem-text';

/**
 * Catches what a page threw. The shell stays, and so does the cart: holds are the office's, and the stores that
 * mirror them live outside the tree that is rendered anew. Going to another page is a fresh start.
 */
export function ErrorBoundary({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  return <Boundary key={pathname}>{children}</Boundary>;
}

class Boundary extends Component<{ children: ReactNode }, { problem: Problem | undefined }> {
  override state: { problem: Problem | undefined } = { problem: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { problem: problemOf(error) };
  }

  /** A part that did not load is remembered as failed; only a new page asks for it again. */
  again = () => {
    if (this.state.problem?.code === 'NETWORK') location.reload();
    else this.setState({ problem: undefined });
  };

  override render() {
    if (!this.state.problem) return this.props.children;
    return <Broken problem={this.state.problem} onAgain={this.again} />;
  }
}

function Broken({ problem, onAgain }: { problem: Problem; onAgain: () => void }) {
  const { t } = useTranslation('common');
  const words = useProblemText(problem);
  const known = problem.code !== 'PAGE';
  return (
    <div role="alert" className="mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-16 text-center">
      <icons.Warning className="size-10 text-edge" />
      <h1 className="text-xl">{known ? words.title : t('boundary.title')}</h1>
      <p className="text-ink-soft">{known ? words.text : t('boundary.text')}</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        <Button onClick={onAgain}>{t('boundary.again')}</Button>
        <Link to="/" className={buttonClass('secondary')}>
          {t('toEvents')}
        </Link>
      </div>
      {problem.traceId !== '' && <CopyText label={t('traceId')} text={problem.traceId} />}
      {problem.traceId === '' && problem.message !== '' && (
        <p className="max-w-full text-xs break-words text-ink-soft">{problem.message.slice(0, 300)}</p>
      )}
    </div>
  );
}
