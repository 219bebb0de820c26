/** A real office for one test file: the program itself, on free ports of the loopback, in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../..');
const BINARY = resolve(ROOT, process.env.ONSALE_BIN ?? 'build/dev/onsale');
const READY_MS = 60_000;

export type Settings = Record<string, string | number | boolean>;

/** Payments that answer at once and always say yes; a test that is about payments says otherwise. */
const FRIENDLY: Settings = {
  'payments.mock.success_share': 1,
  'payments.mock.delay': 'fixed',
  'payments.mock.delay_ms': 50,
};

export interface Hold {
  seatId: number;
  status: string;
  expiresAt: string;
}

export class Office {
  readonly folder: string;
  url = '';
  internalUrl = '';
  #settings: Settings;
  #process: ChildProcess | undefined;

  private constructor(folder: string, settings: Settings) {
    this.folder = folder;
    this.#settings = { ...FRIENDLY, ...settings };
  }

  static async start(settings: Settings = {}): Promise<Office> {
    if (!existsSync(BINARY)) throw new Error(`there is no ${BINARY}: build it, or name one in ONSALE_BIN`);
    const office = new Office(await mkdtemp(join(tmpdir(), 'onsale-e2e-')), settings);
    await office.begin();
    return office;
  }

  get #data(): string {
    return join(this.folder, 'data');
  }

  get credential(): string {
    return readFileSync(join(this.#data, 'internal.token'), 'utf8').trim();
  }

  /** Begins, the first time on any free ports, later on the same ones: the buyers' browsers stay where they are. */
  async begin(changed: Settings = {}): Promise<void> {
    this.#settings = { ...this.#settings, ...changed };
    const port = this.url ? new URL(this.url).port : '0';
    const internalPort = this.internalUrl ? new URL(this.internalUrl).port : '0';
    await rm(join(this.#data, 'endpoints.json'), { force: true });
    const log = openSync(join(this.folder, 'log'), 'a');
    const settings = Object.entries(this.#settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#process = spawn(
      BINARY,
      [
        'serve',
        ...['--data-dir', this.#data, '--http.address', '127.0.0.1'],
        ...['--port', port, '--internal-port', internalPort, ...settings],
      ],
      { stdio: ['ignore', log, log] },
    );
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline && this.#process.exitCode === null) {
      try {
        const told = JSON.parse(await readFile(join(this.#data, 'endpoints.json'), 'utf8'));
        this.url = String(told.public).replace(/\/$/, '');
        this.internalUrl = String(told.internal).replace(/\/$/, '');
        return;
      } catch {
        await pause(50);
      }
    }
    throw new Error(
      `the office did not open:\n${readFileSync(join(this.folder, 'log'), 'utf8').slice(-4000)}`,
    );
  }

  /** Away from one instruction to the next. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Told to close in good order; what is under way is ended first. Resolves when it is gone. */
  async drain(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async stop(): Promise<void> {
    await this.drain();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process;
    if (!process || process.exitCode !== null) return;
    const ended = new Promise((resolve) => process.once('exit', resolve));
    process.kill(signal);
    await ended;
  }

  async statusOf(eventId: number, seatId: number): Promise<string> {
    const answer = await fetch(`${this.url}/ticketing/catalog/api/events/${eventId}/seats`);
    const map = (await answer.json()) as { seats: { id: number; status: string }[] };
    return map.seats.find((seat) => seat.id === seatId)?.status ?? 'NONE';
  }

  /** Another event in a hall of this plan (the import format); its id. */
  async importHall(plan: unknown, told: Record<string, unknown> = {}): Promise<number> {
    const path = join(this.folder, `plan-${Date.now()}.json`);
    await writeFile(path, JSON.stringify(plan));
    const answer = await this.internal('/ticketing/catalog/api/internal/admin/import', {
      path,
      defaultPrice: 50_000,
      ...told,
    });
    const report = (await answer.json()) as { eventId: number; message?: string };
    if (!answer.ok) throw new Error(`the hall was not imported: ${report.message}`);
    return report.eventId;
  }

  /** As the operator. */
  async internal(path: string, body: unknown): Promise<Response> {
    return fetch(this.internalUrl + path, {
      method: 'POST',
      headers: { Authorization: `Bearer ${this.credential}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
}

/** Another buyer, without a browser. */
export class OtherBuyer {
  readonly #office: Office;
  #token = '';

  constructor(office: Office) {
    this.#office = office;
  }

  async #post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const answer = await fetch(this.#office.url + path, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(this.#token ? { Authorization: `Bearer ${this.#token}` } : {}),
        ...headers,
      },
      body: JSON.stringify(body),
    });
    this.#token ||= answer.headers.get('Buyer-Token') ?? '';
    return answer;
  }

  async hold(eventId: number, seatIds: number[], holdSeconds?: number): Promise<number> {
    const body = { eventId, seatIds, ...(holdSeconds === undefined ? {} : { holdSeconds }) };
    return (await this.#post('/ticketing/reservation/api/reservations', body)).status;
  }

  async order(eventId: number, seatIds: number[]): Promise<number> {
    const key = { 'Idempotency-Key': `other-${seatIds.join('-')}-${Date.now()}` };
    return (await this.#post('/ticketing/order/api/orders', { eventId, seatIds }, key)).status;
  }

  async release(eventId: number, seatId: number): Promise<number> {
    const answer = await fetch(
      `${this.#office.url}/ticketing/reservation/api/reservations/${eventId}/${seatId}`,
      { method: 'DELETE', headers: { Authorization: `Bearer ${this.#token}` } },
    );
    return answer.status;
  }
}
