import { askAgain } from '@/lib/api';
import type { Result } from '@/lib/result';
import { getOrder } from './api/getOrder';
import { type Posted, postOrder } from './api/postOrder';
import type { Order } from './api/readOrder';
import { endIntent, type Intent, intentFor, noteOrder, type OrderedSeat } from './model/intents';
import { standing } from './model/order';

const TRIES = 6;
const BUSY_RETRY_MS = 500;

const underWay = new Map<string, Promise<Result<Order>>>();

/**
 * Orders held seats. However often it is called for the same seats, from wherever: one order. Repeats while
 * the office is busy, away or still placing the same order; the key makes that safe.
 */
export function placeOrder(eventId: number, seats: readonly OrderedSeat[]): Promise<Result<Order>> {
  const intent = intentFor(eventId, seats);
  const running = underWay.get(intent.key);
  if (running) return running;
  const placing = place(intent).finally(() => underWay.delete(intent.key));
  underWay.set(intent.key, placing);
  return placing;
}

async function place(intent: Intent): Promise<Result<Order>> {
  const first = await post(intent);
  if (!first.ok || !first.value.replayed) return orderOf(first);
  // The key had an order. If that one came to nothing, these seats were held anew since: a new wish.
  const before = await askAgain(() => getOrder(first.value.order.orderId));
  if (!before.ok || standing(before.value) !== 'cancelled') return orderOf(first);
  endIntent({ key: intent.key });
  return orderOf(await post(intentFor(intent.eventId, intent.seats)));
}

async function post(intent: Intent): Promise<Result<Posted>> {
  const ids = intent.seats.map((seat) => seat.id);
  const result = await askAgain(
    async () => {
      const answer = await postOrder(intent.eventId, ids, intent.key);
      if (answer.ok || answer.problem.code !== 'IDEMPOTENCY_IN_PROGRESS') return answer;
      // The first of them is still being placed: its answer is had by asking again.
      return {
        ok: false,
        problem: { ...answer.problem, code: 'UNAVAILABLE', retryAfterMs: BUSY_RETRY_MS },
      };
    },
    { tries: TRIES },
  );
  if (result.ok) noteOrder(intent.key, result.value.order.orderId);
  else if (result.problem.status >= 400 && result.problem.status < 500 && result.problem.status !== 429)
    endIntent({ key: intent.key });
  return result;
}

function orderOf(posted: Result<Posted>): Result<Order> {
  return posted.ok ? { ok: true, value: posted.value.order } : posted;
}
