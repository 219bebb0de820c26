import createClient, { type Middleware } from 'openapi-fetch';
import { noteServerDate } from './clock';
import type { paths } from './contract';
import { leftEarly, takeEarly } from './early';
import { noteReachable } from './online';
import { isPassing, type Problem, readProblem } from './problem';
import { ok, type Result, refused } from './result';
import type { Check } from './shape';

/**
 * The one door to the office. A feature's request is `ask(api.GET('/ticketing/…'), check)`: the types come
 * from the contract, the check confirms that the answer keeps it, and whatever happens comes back as a
 * Result. `askAgain` repeats calls that may be repeated.
 */
export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? '/' : location.origin,
  credentials: 'same-origin',
  // Taken at call time, so that tests can stand in for the network.
  fetch: (request) => takeEarly(request, () => globalThis.fetch(request)),
});

/** Thrown inside this file only: an answer that cannot be read, with its Trace-Id. */
class Unreadable extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super('The answer is not readable JSON.');
    this.response = response;
  }
}

/** Milliseconds on the monotonic clock at which a request left, for the server's clock. */
const sentAt = new WeakMap<Request, number>();

const notes: Middleware = {
  onRequest({ request }) {
    sentAt.set(request, leftEarly(request) ?? performance.now());
    return undefined;
  },
  onResponse({ request, response }) {
    noteReachable(true);
    noteServerDate(response, sentAt.get(request));
    if (!response.ok || response.status === 204 || request.method === 'HEAD') return undefined;
    if (!(response.headers.get('Content-Type') ?? '').includes('json')) return undefined;
    // openapi-fetch would lose the Trace-Id of broken JSON; json() is what it calls when a length is told.
    const headers = new Headers(response.headers);
    headers.set('Content-Length', headers.get('Content-Length') ?? 'chunked');
    const readable = new Response(response.body, { status: response.status, headers });
    readable.json = async () => {
      const raw = await readable.text();
      try {
        return JSON.parse(raw);
      } catch {
        throw new Unreadable(response);
      }
    };
    return readable;
  },
  onError({ request, error }) {
    const givenUp = request.signal.aborted || (error instanceof Error && error.name === 'AbortError');
    if (!givenUp) noteReachable(false);
    return undefined;
  },
};
api.use(notes);

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** The answer as a value. With `check`, an answer that breaks the contract is the problem BAD_ANSWER. */
export async function ask<T>(call: Promise<Answer<T>>, check?: Check): Promise<Result<T>> {
  try {
    const { data, error, response } = await call;
    if (!response.ok) return refused(readProblem(error, response));
    const fault = check?.(data, 'answer');
    if (fault !== undefined) return refused(badAnswer(response, fault));
    return ok(data as T);
  } catch (error) {
    if (error instanceof Unreadable) return refused(badAnswer(error.response, error.message));
    if (error instanceof SyntaxError)
      return refused({ code: 'BAD_ANSWER', status: 0, message: error.message, traceId: '' });
    return refused(nothingCame(error));
  }
}

function badAnswer(response: Response, message: string): Problem {
  return {
    code: 'BAD_ANSWER',
    status: response.status,
    message,
    traceId: response.headers.get('Trace-Id') ?? '',
  };
}

export function nothingCame(error: unknown): Problem {
  return {
    code: 'NETWORK',
    status: 0,
    message: error instanceof Error ? error.message : String(error),
    traceId: '',
  };
}

export interface AgainOptions {
  /** How often at most, the first time included. */
  tries?: number;
  signal?: AbortSignal;
  /** For tests. */
  wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const PAUSE_FIRST_MS = 400;
const PAUSE_MAX_MS = 20_000;

/**
 * Repeats a call that may be repeated while the office is too busy (429, 503) or away. Waits at least what
 * Retry-After says, and up to half as long again so that a crowd told the same second does not return in it.
 */
export async function askAgain<T>(
  fn: () => Promise<Result<T>>,
  options: AgainOptions = {},
): Promise<Result<T>> {
  const { tries = 4, signal, wait = pause } = options;
  for (let attempt = 1; ; attempt++) {
    const result = await fn();
    if (result.ok || !isPassing(result.problem) || attempt >= tries || signal?.aborted) return result;
    await wait(pauseMs(attempt, result.problem), signal);
    if (signal?.aborted) return result;
  }
}

/** How long to wait before try number `attempt + 1`. */
export function pauseMs(attempt: number, problem?: Problem): number {
  const backoff = Math.min(PAUSE_FIRST_MS * 2 ** (attempt - 1), PAUSE_MAX_MS);
  const least = problem?.retryAfterMs ?? backoff / 2;
  return least + Math.random() * Math.max(backoff / 2, least / 2);
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
