import type { EventSummary, SaleState } from './event';
import { saleState } from './event';

export const SHOWS = ['all', 'open', 'soon', 'over'] as const;
/** Which events to show: all, those on sale, those that open later, those with nothing to buy. */
export type Show = (typeof SHOWS)[number];

export function readShow(value: string | null): Show {
  return SHOWS.find((one) => one === value) ?? 'all';
}

const STATES_SHOWN: Record<Show, readonly SaleState[]> = {
  all: ['open', 'soon', 'soldOut', 'closed', 'past', 'unknown'],
  open: ['open', 'unknown'],
  soon: ['soon'],
  over: ['soldOut', 'closed', 'past'],
};

const ORDER: readonly SaleState[] = ['open', 'soon', 'unknown', 'soldOut', 'closed', 'past'];

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const SYLLABLES_PER_INITIAL = 588;
const INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, '');
}

/** Each Hangul syllable by its first consonant, as people type who are in a hurry: 뮤지컬 → ㅁㅈㅋ. */
export function initials(text: string): string {
  let out = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    out +=
      code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE
        ? (INITIALS[Math.floor((code - FIRST_SYLLABLE) / SYLLABLES_PER_INITIAL)] ?? char)
        : char;
  }
  return out;
}

/** Compatibility jamo, as a keyboard gives them; NFKC turns them into others. */
function isInitials(text: string): boolean {
  return text !== '' && [...text].every((char) => INITIALS.includes(char));
}

const SEARCHED_MAX = 2000;

export function matches(event: EventSummary, query: string): boolean {
  const words = query.trim().slice(0, 200).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const told = `${event.title.slice(0, SEARCHED_MAX)} ${event.venue.slice(0, SEARCHED_MAX)} ${event.description.slice(0, SEARCHED_MAX)}`;
  const folded = fold(told);
  return words.every((word) =>
    isInitials(word) ? initials(told).replaceAll(/\s+/g, '').includes(word) : folded.includes(fold(word)),
  );
}

/** What is to be seen, what can be bought first, then by date. */
export function findEvents(
  events: readonly EventSummary[],
  query: string,
  show: Show,
  now: number,
): EventSummary[] {
  return events
    .map((event) => ({ event, state: saleState(event, now) }))
    .filter(({ event, state }) => STATES_SHOWN[show].includes(state) && matches(event, query))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        (a.state === 'soon'
          ? Date.parse(a.event.onSaleAt) - Date.parse(b.event.onSaleAt)
          : Date.parse(a.event.dateTime) - Date.parse(b.event.dateTime)) ||
        a.event.id - b.event.id,
    )
    .map(({ event }) => event);
}
