import type { Problem } from './problem';

/** What came of a question: an expected refusal is a value like any other, never an exception. */
export type Result<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refused<T = never>(problem: Problem): Result<T> {
  return { ok: false, problem };
}

/** Carries a problem where only an exception can travel: TanStack Query's query functions. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.message}`);
    this.name = 'Refused';
    this.problem = problem;
  }
}

export function orThrow<T>(result: Result<T>): T {
  if (!result.ok) throw new Refused(result.problem);
  return result.value;
}
