/**
 * Says whether an answer is what the contract promised. The types are generated from the contract, but a
 * type is only a claim: a proxy's page, another version's office or a bug can send anything. A check tells the
 * place of the first fault, for the person who reads the Trace-Id; nothing when all is well. Members that
 * are not named are ignored, as the contract asks of its readers.
 */
export type Check = (value: unknown, at: string) => string | undefined;

export const text: Check = (value, at) => (typeof value === 'string' ? undefined : `${at} is no text`);

export const flag: Check = (value, at) => (typeof value === 'boolean' ? undefined : `${at} is no boolean`);

export const number: Check = (value, at) =>
  typeof value === 'number' && Number.isFinite(value) ? undefined : `${at} is no number`;

/** A whole number from 0 to 2^53-1: ids, money, counts, versions. */
export const integer: Check = (value, at) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `${at} is no whole number`;

export const time: Check = (value, at) =>
  typeof value === 'string' && Number.isFinite(Date.parse(value)) ? undefined : `${at} is no time`;

export const currency: Check = (value, at) =>
  typeof value === 'string' && /^[A-Z]{3}$/.test(value) ? undefined : `${at} is no currency`;

export function oneOf(values: readonly string[]): Check {
  return (value, at) =>
    typeof value === 'string' && values.includes(value) ? undefined : `${at} is none of ${values.join(', ')}`;
}

export function optional(check: Check): Check {
  return (value, at) => (value === undefined ? undefined : check(value, at));
}

export function listOf(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return `${at} is no list`;
    for (let i = 0; i < value.length; i++) {
      const fault = check(value[i], `${at}[${i}]`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

export function record(members: Record<string, Check>): Check {
  const named = Object.entries(members);
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is no object`;
    for (const [name, check] of named) {
      const fault = check((value as Record<string, unknown>)[name], `${at}.${name}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}
