import { useTranslation } from 'react-i18next';
import type { Problem } from './problem';

export interface ProblemText {
  title: string;
  text: string;
}

/**
 * The page's own words for a problem, in the buyer's language. A code that is not among them keeps the
 * office's English message: better than silence.
 */
export function useProblemText(problem: Problem): ProblemText {
  const { t } = useTranslation('common');
  const known = KNOWN.find((code) => code === problem.code);
  if (known) return { title: t(`problem.${known}.title`), text: t(`problem.${known}.text`) };
  return { title: t('problem.OTHER.title'), text: problem.message || t('problem.OTHER.text') };
}

const KNOWN = [
  'NETWORK',
  'BAD_ANSWER',
  'PAGE',
  'UNAVAILABLE',
  'TOO_MANY_REQUESTS',
  'INTERNAL_ERROR',
  'EVENT_NOT_FOUND',
  'ORDER_NOT_FOUND',
  'SEAT_NOT_FOUND',
  'NOT_FOUND',
  'NOT_ON_SALE',
  'TOKEN_INVALID',
  'CREDENTIAL_REQUIRED',
  'ORIGIN_NOT_ALLOWED',
  'FORBIDDEN',
] as const;
