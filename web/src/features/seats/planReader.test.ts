import { afterEach, describe, expect, it, vi } from 'vitest';
import { isLarge } from './model/readLayoutBytes';
import { compactOf, layoutOf } from './model/testPlan';
import { openPlanReader } from './planReader';

const bytesOf = (layout: unknown) => new TextEncoder().encode(JSON.stringify(layout)).buffer;
const large = () => bytesOf(layoutOf(60, 80));

/** What a browser may make of our worker; jsdom has none. The real one reads the stadium in e2e/hall.test.ts. */
function browserWhoseWorkers(answer: (worker: EventTarget) => void) {
  const ended = vi.fn();
  class FakeWorker extends EventTarget {
    postMessage() {
      setTimeout(() => answer(this), 0);
    }
    terminate() {
      ended();
    }
  }
  vi.stubGlobal('Worker', FakeWorker);
  return ended;
}

afterEach(() => vi.unstubAllGlobals());

describe('a large layout', () => {
  it('is read by the page itself where there are no workers', async () => {
    expect([large(), compactOf(layoutOf(60, 80)).buffer].map(isLarge)).toEqual([true, true]);
    expect([bytesOf(layoutOf(30, 80)), compactOf(layoutOf(30, 80)).buffer].map(isLarge)).toEqual([
      false,
      false,
    ]);
    const read = await openPlanReader().read(large());
    expect(read.ok && read.plan.count).toBe(4800);
  });

  it('is what the worker made of it, and the worker is sent home', async () => {
    const told = { ok: false, fault: 'noSeats' };
    const ended = browserWhoseWorkers((worker) =>
      worker.dispatchEvent(new MessageEvent('message', { data: told })),
    );
    const reader = openPlanReader();
    expect(await reader.read(large())).toEqual(told);
    reader.close();
    expect(ended).toHaveBeenCalledOnce();
  });

  it('is read by the page when the worker breaks, however early', async () => {
    const broken = new Event('error');
    browserWhoseWorkers((worker) => worker.dispatchEvent(broken));
    const read = await openPlanReader().read(large());
    expect(read.ok && read.plan.count).toBe(4800);

    class StillBorn extends EventTarget {
      constructor() {
        super();
        queueMicrotask(() => this.dispatchEvent(broken));
      }
    }
    vi.stubGlobal('Worker', StillBorn);
    const reader = openPlanReader();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect((await reader.read(large())).ok).toBe(true);

    vi.stubGlobal('Worker', function refused() {
      throw new Error('the policy forbids it');
    });
    expect((await openPlanReader().read(large())).ok).toBe(true);
  });
});

it('a small layout waits for no worker', async () => {
  browserWhoseWorkers(() => undefined);
  const read = await openPlanReader().read(bytesOf(layoutOf(2, 3)));
  expect(read.ok && read.plan.count).toBe(6);
});

it('what is no layout is told, not thrown', async () => {
  expect(await openPlanReader().read(bytesOf('<html>'))).toEqual({ ok: false, fault: 'notALayout' });
  const half = bytesOf(layoutOf(2, 3)).slice(0, 100);
  expect(await openPlanReader().read(half)).toEqual({ ok: false, fault: 'notALayout' });
});
