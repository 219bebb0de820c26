const prices = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<string, Intl.NumberFormat>();

/**
 * A price as people of that language write it. Amounts are in the currency's own units (contract): won have
 * no smaller one. A code that is no currency is shown as it is, behind the number.
 */
export function formatPrice(amount: number, currency: string, lang: string): string {
  const key = `${lang} ${currency}`;
  let format = prices.get(key);
  if (!format) {
    try {
      format = new Intl.NumberFormat(lang, {
        style: 'currency',
        currency,
        currencyDisplay: lang === 'ko' && currency === 'KRW' ? 'name' : 'symbol',
        minimumFractionDigits: 0,
        maximumFractionDigits: 0,
      });
    } catch {
      return `${new Intl.NumberFormat(lang).format(amount)} ${currency}`;
    }
    prices.set(key, format);
  }
  // "50,000 대한민국 원" is what the name gives; people write "50,000원".
  return format.format(amount).replace(/\s*대한민국 원$/, '원');
}

function dateFormat(lang: string, style: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${lang} ${style}`;
  let format = dates.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(lang, options);
    dates.set(key, format);
  }
  return format;
}

/** "2027년 3월 1일 (월) 오후 7:00" · "Mon, Mar 1, 2027, 7:00 PM", in the device's own zone. */
export function formatDateTime(iso: string, lang: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return dateFormat(lang, 'long', {
    year: 'numeric',
    month: lang === 'ko' ? 'long' : 'short',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: '2-digit',
  }).format(time);
}

/** A time soon: "11월 26일 (목) 오전 7:26". The year only when it is another than now's. */
export function formatMoment(iso: string, lang: string, now: number): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  if (time.getFullYear() !== new Date(now).getFullYear()) return formatDateTime(iso, lang);
  return dateFormat(lang, 'moment', {
    month: lang === 'ko' ? 'long' : 'short',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: '2-digit',
  }).format(time);
}

/** Days on the calendar, as people count them: tomorrow is 1, however early. */
export function daysUntil(iso: string, now: number): number {
  const midnight = (ms: number) => {
    const day = new Date(ms);
    return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
  };
  return Math.round((midnight(Date.parse(iso)) - midnight(now)) / 86_400_000);
}

/** The parts of a date for a calendar leaf. */
export function formatDateParts(
  iso: string,
  lang: string,
): { month: string; day: string; weekday: string; time: string; year: string } | undefined {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return undefined;
  const part = (style: string, options: Intl.DateTimeFormatOptions) =>
    dateFormat(lang, style, options).format(time);
  return {
    year: part('year', { year: 'numeric' }),
    month: part('month', { month: 'short' }),
    day: String(time.getDate()),
    weekday: part('weekday', { weekday: 'short' }),
    time: part('time', { hour: 'numeric', minute: '2-digit' }),
  };
}

export function formatNumber(value: number, lang: string): string {
  let format = numbers.get(lang);
  if (!format) {
    format = new Intl.NumberFormat(lang);
    numbers.set(lang, format);
  }
  return format.format(value);
}

/** "4:09", "1:04:09"; the seconds are rounded up, so that 0:00 means over. */
export function formatCountdown(ms: number): string {
  const total = Math.max(0, Math.ceil(ms / 1000));
  const seconds = String(total % 60).padStart(2, '0');
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600);
  if (hours === 0) return `${minutes}:${seconds}`;
  return `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
}

/** "21:03:27": a clock's face, the same in every language. */
export function formatClock(ms: number, lang: string): string {
  return dateFormat(lang, 'clock', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(ms);
}
