/**
 * What the page costs who uses it, on a real office: how smooth the plan of a hall is while 500 seats change a
 * second, how soon a first visit can be used, what an hour of changes leaves in memory, how much is downloaded.
 *
 *   tools/web node bench/page.ts [--json FILE] [--only frames|ready|memory|weight]… [--quick]
 *                                [--seats 1500,20000,50000,80000] [--seconds 5] [--changes 500] [--slow 4] [--rounds 5]
 *
 * Standard output: tables in Markdown. ONSALE_BIN names the program (build/bench/onsale); ONSALE_DIST=dist measures
 * that folder instead of the page that the program carries.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { weights } from '../tools/budget.ts';
import { measureFrames, type Row } from './frames.ts';
import { type Memory, measureMemory } from './memory.ts';
import { measureVisits, type Visits } from './ready.ts';
import { Stage } from './stage.ts';
import { tables } from './tables.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    seats: { type: 'string', default: '1500,20000,50000,80000' },
    seconds: { type: 'string' },
    changes: { type: 'string', default: '500' },
    slow: { type: 'string', default: '4' },
    rounds: { type: 'string' },
  },
});
const { quick } = options;
const slow = Number(options.slow);
const changesPerSecond = Number(options.changes);
const seconds = Number(options.seconds ?? (quick ? 1 : 5));
const rounds = Number(options.rounds ?? (quick ? 1 : 5));
const sizes = options.seats.split(',').map(Number);
const wants = (what: string) => options.only === undefined || options.only.includes(what);

export interface Measured {
  slow: number;
  changesPerSecond: number;
  frames: Row[];
  ready: Visits[];
  memory: Memory | undefined;
  weight: { what: string; bytes: number }[];
}

const measured: Measured = {
  slow,
  changesPerSecond,
  frames: [],
  ready: [],
  memory: undefined,
  weight: wants('weight') ? weights() : [],
};
if (['frames', 'ready', 'memory'].some(wants)) {
  const stage = await Stage.open();
  try {
    if (wants('ready')) measured.ready = await measureVisits(stage, rounds, slow);
    if (wants('frames'))
      measured.frames = await measureFrames(stage, quick ? sizes.slice(0, 1) : sizes, {
        seconds,
        changesPerSecond,
        slow,
      });
    if (wants('memory')) {
      const anHour = changesPerSecond * 3600;
      measured.memory = await measureMemory(
        stage,
        quick ? 1500 : (sizes.at(-1) ?? 1500),
        anHour / (quick ? 60 : 1),
      );
    }
  } finally {
    await stage.close();
  }
}
const told = tables(measured);
console.log(told);
if (options.json) await writeFile(options.json, `${JSON.stringify({ ...measured, told }, undefined, 1)}\n`);
