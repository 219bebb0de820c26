import { QueryClient } from '@tanstack/react-query';
import { pauseMs } from './api';
import { isPassing, problemOf } from './problem';
import type { Refused } from './result';

declare module '@tanstack/react-query' {
  interface Register {
    /** Query functions throw by `orThrow`, and that only. */
    defaultError: Refused;
  }
}

const TRIES_MAX = 4;

/** What was read from the office. Asked again when it may help, never when the office has decided. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: true,
        refetchOnReconnect: true,
        retry: (failures, error) => failures < TRIES_MAX && isPassing(problemOf(error)),
        retryDelay: (failures, error) => pauseMs(failures + 1, problemOf(error)),
      },
      mutations: { retry: false },
    },
  });
}
