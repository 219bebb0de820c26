/** What was measured, in Markdown. */
import type { Measured } from './page.ts';
import type { Visit } from './ready.ts';

const fixed = (value: number, digits = 0) => value.toFixed(digits);
const thousands = (value: number) => value.toLocaleString('en-US');

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---:'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function spread(visits: Visit[], of: (visit: Visit) => number): string {
  const values = visits.map(of);
  const middle = fixed(median(values));
  return values.length < 2
    ? middle
    : `${middle} (${fixed(Math.min(...values))}–${fixed(Math.max(...values))})`;
}

export function tables({ slow, frames, ready, memory, weight, changesPerSecond }: Measured): string {
  const parts: string[] = [];
  if (ready.length > 0)
    parts.push(
      `A visit, nothing in the cache, processor slowed ${slow}×, 150 ms there and back, 1.6 Mbit/s; ms, median (range)`,
      table(
        ['what', 'first paint', 'ready', 'interactive', 'longest task', 'KiB', 'requests'],
        ready.map(({ what, visits }) => [
          what,
          spread(visits, (visit) => visit.paintMs),
          spread(visits, (visit) => visit.readyMs),
          spread(visits, (visit) => visit.interactiveMs),
          spread(visits, (visit) => visit.longestMs),
          fixed(median(visits.map((visit) => visit.kilobytes))),
          fixed(median(visits.map((visit) => visit.requests))),
        ]),
      ),
    );
  if (frames.length > 0)
    parts.push(
      `The plan on a screen of 390×844 at 2×, processor slowed ${slow}×, no GPU; ms a frame`,
      table(
        ['seats', 'changes/s', 'what', 'frames/s', 'p50', 'p95', 'p99', 'on time'].concat(
          'long tasks',
          'longest',
          'busy',
        ),
        frames.flatMap((row) =>
          row.phases.map((phase) => [
            thousands(row.seats),
            fixed(row.changesPerSecond),
            phase.name,
            fixed(phase.frames / phase.seconds),
            fixed(phase.p50, 1),
            fixed(phase.p95, 1),
            fixed(phase.p99, 1),
            `${fixed(phase.onTime * 100)} %`,
            String(phase.longTasks),
            fixed(phase.longestMs),
            `${fixed(phase.busy * 100)} %`,
          ]),
        ),
      ),
    );
  if (memory) {
    const hours = memory.changes / changesPerSecond / 3600;
    parts.push(
      `Heap of a page that shows ${thousands(memory.seats)} seats, after forced collections: ` +
        `${fixed(memory.beforeMb, 1)} MiB, and ${fixed(memory.afterMb, 1)} MiB after ${thousands(memory.changes)} changes ` +
        `(those of ${fixed(hours, 2)} h at ${changesPerSecond}/s, in ${fixed(memory.seconds)} s)`,
    );
  }
  if (weight.length > 0)
    parts.push(
      table(
        ['what', 'KiB of gzip'],
        weight.map(({ what, bytes }) => [what, fixed(bytes / 1024, 1)]),
      ),
    );
  return parts.join('\n\n');
}
