// Reads a large hall's layout beside the page. It imports nothing at run time and asks nobody: its file
// is served under a policy that allows neither. One question, one answer; whoever asked ends it.

import type { HallPlan } from './model/plan';
import { readLayoutBytes } from './model/readLayoutBytes';

addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
  const read = readLayoutBytes(data);
  postMessage(read, { transfer: read.ok ? buffersOf(read.plan) : [] });
});

// The arrays change hands instead of being copied.
function buffersOf(plan: HallPlan): ArrayBuffer[] {
  const views = [
    ...Object.values({ ...plan, ...plan.grid }),
    ...plan.sections.map((section) => section.outline),
  ];
  const buffers = views.flatMap((view) => (ArrayBuffer.isView(view) ? [view.buffer] : []));
  return [...new Set(buffers)].filter((buffer) => buffer instanceof ArrayBuffer);
}
