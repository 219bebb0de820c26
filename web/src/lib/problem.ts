import type { components } from './contract';
import { Refused } from './result';
import type { SeatStatus } from './seat';

export type ErrorCode = components['schemas']['ErrorCode'];

/** The contract's error body as the page uses it, or what stands for it when none came. */
export interface Problem {
  /**
   * The contract's code; `NETWORK` when nothing came back; `BAD_ANSWER` when what came is not the contract's;
   * `PAGE` when the page itself failed. A code this page does not know is kept as it came.
   */
  code: ErrorCode | 'NETWORK' | 'BAD_ANSWER' | 'PAGE' | (string & {});
  /** 0 when nothing came back. */
  status: number;
  /** The office's words for people, in English. The page has its own for each code it knows. */
  message: string;
  /** 32 hex digits, or empty when nothing came back. */
  traceId: string;
  retryAfterMs?: number;
  errors?: { pointer: string; message: string }[];
  seats?: { seatId: number; status: SeatStatus }[];
}

const SEAT_STATUSES: readonly string[] = ['AVAILABLE', 'HELD', 'SOLD', 'BLOCKED'];
/** The contract's upper bound for Retry-After; a larger value is a fault of something between. */
const RETRY_AFTER_MS_MAX = 3_600_000;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads an error answer. Never fails: what is no problem body becomes one that says so. */
export function readProblem(body: unknown, response: Response): Problem {
  const traceId = response.headers.get('Trace-Id') ?? '';
  const retryAfterMs = readRetryAfter(response.headers.get('Retry-After'), body);
  if (!isRecord(body) || typeof body.code !== 'string' || typeof body.message !== 'string') {
    return {
      // A proxy in between may answer 502, 503 or 504 in its own words: the office is away for the moment.
      code: response.status >= 502 && response.status <= 504 ? 'UNAVAILABLE' : 'BAD_ANSWER',
      status: response.status,
      message: `HTTP ${response.status}`,
      traceId,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  const problem: Problem = {
    code: body.code,
    status: response.status,
    message: body.message,
    traceId: typeof body.traceId === 'string' ? body.traceId : traceId,
  };
  if (retryAfterMs !== undefined) problem.retryAfterMs = retryAfterMs;
  if (Array.isArray(body.errors)) {
    problem.errors = body.errors.filter(isRecord).map((fault) => ({
      pointer: String(fault.pointer ?? ''),
      message: String(fault.message ?? ''),
    }));
  }
  if (Array.isArray(body.seats)) {
    problem.seats = body.seats
      .filter(isRecord)
      .flatMap((seat) =>
        Number.isSafeInteger(seat.seatId) && SEAT_STATUSES.includes(String(seat.status))
          ? [{ seatId: Number(seat.seatId), status: seat.status as SeatStatus }]
          : [],
      );
  }
  return problem;
}

function readRetryAfter(header: string | null, body: unknown): number | undefined {
  const told = header ?? (isRecord(body) ? body.retryAfter : undefined);
  const seconds = typeof told === 'string' && told.trim() === '' ? Number.NaN : Number(told ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds < 0) return undefined;
  return Math.min(seconds * 1000, RETRY_AFTER_MS_MAX);
}

/** The problem in whatever was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refused) return error.problem;
  return {
    code: 'PAGE',
    status: 0,
    message: error instanceof Error ? error.message : String(error),
    traceId: '',
  };
}

/** Worth asking the same again after a pause: nothing was decided. */
export function isPassing(problem: Problem): boolean {
  return (
    problem.status === 429 ||
    problem.status === 503 ||
    problem.code === 'NETWORK' ||
    problem.code === 'UNAVAILABLE'
  );
}
