import { ask } from '@/lib/api';
import { ok, type Result } from '@/lib/result';

/** Whether this address has the internal calls: only the internal listener does, elsewhere they are 404. */
export async function findDesk(signal?: AbortSignal): Promise<Result<boolean>> {
  const asked = fetch('/ticketing/reservation/api/internal/admin/reset', {
    method: 'OPTIONS',
    ...(signal ? { signal } : {}),
  });
  const answer = await ask(asked.then((response) => ({ response, data: null })));
  if (answer.ok) return ok(true);
  return answer.problem.status === 404 ? ok(false) : answer;
}
