import { api, ask } from '@/lib/api';
import { ok, type Result } from '@/lib/result';

/**
 * Whether the office takes this credential. Asked by resetting an event that cannot be: the office looks at the
 * credential before the values (contract, "Which refusal"), so 422 says that it is right, and nothing happens.
 */
export async function checkCredential(credential: string): Promise<Result<null>> {
  const answer = await ask(
    api.POST('/ticketing/reservation/api/internal/admin/reset', {
      body: { eventId: 0 },
      headers: { Authorization: `Bearer ${credential}` },
    }),
  );
  if (answer.ok || answer.problem.status === 422) return ok(null);
  return answer;
}
