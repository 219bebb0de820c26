import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { isRecord } from '@/lib/problem';

/**
 * The contract's own examples, for tests: what the page is shown is what the office promised, and a change of
 * the contract reaches the page's tests by itself.
 */
const contract: unknown = parse(readFileSync('../contract/openapi.yaml', 'utf8'));

function at(value: unknown, ...path: string[]): unknown {
  let here = value;
  for (const name of path) {
    here = isRecord(here) ? here[name] : undefined;
    if (isRecord(here) && typeof here.$ref === 'string') {
      here = at(
        contract,
        ...here.$ref
          .slice(2)
          .split('/')
          .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
      );
    }
  }
  return here;
}

/** A fresh copy of the example of an answer, by name; the first one without a name. */
export function example<T = unknown>(path: string, method: string, status: number, name?: string): T {
  const examples = at(contract, 'paths', path, method, 'responses', String(status), 'content');
  const json = isRecord(examples)
    ? (examples['application/json'] ?? examples['application/problem+json'])
    : undefined;
  const named = at(json, 'examples');
  const chosen = isRecord(named)
    ? at(named, name ?? Object.keys(named)[0] ?? '', 'value')
    : at(json, 'example');
  if (chosen === undefined)
    throw new Error(`The contract has no example for ${method} ${path} ${status} ${name ?? ''}`);
  return structuredClone(chosen) as T;
}

export interface ProblemExample {
  status: number;
  code: string;
  message: string;
  traceId: string;
  retryAfter?: number;
  seats?: { seatId: number; status: string }[];
}

/** The contract's example of an error body. */
export function problemExample(code: string): ProblemExample {
  const body = at(contract, 'components', 'examples', code, 'value');
  if (!isRecord(body)) throw new Error(`The contract has no example for ${code}`);
  return structuredClone(body) as unknown as ProblemExample;
}

/** The example of an event's stream, as text. */
export function streamExample(): string {
  const answer = at(
    contract,
    'paths',
    '/ticketing/catalog/api/events/{eventId}/seats/stream',
    'get',
    'responses',
    '200',
  );
  return String(at(answer, 'content', 'text/event-stream', 'examples', 'start', 'value'));
}

/** Bytes of a binary example (`x-onsale-hex`) of what is asked of an event. */
export function hexExample(mediaType: string): Uint8Array<ArrayBuffer> {
  const path = `/ticketing/catalog/api/events/{eventId}/${mediaType.endsWith('.layout') ? 'layout' : 'seats'}`;
  const answer = at(contract, 'paths', path, 'get', 'responses', '200');
  const hex = String(at(answer, 'content', mediaType, 'x-onsale-hex', 'value')).replaceAll(/\s/g, '');
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
