const prices = new Map<string, Intl.NumberFormat>();
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

// Two languages, and the least that a date needs: the first Intl.DateTimeFormat costs a phone as much as drawing the
// rest of a hall's head, and what it makes of one date differs from browser to browser.
interface Calendar {
  readonly months: readonly string[];
  readonly weekdays: readonly string[];
  /** Hours of the clock on the wall, minutes with two digits. */
  time(hours: number, minutes: string, afternoon: boolean): string;
  date(month: string, day: number, weekday: string, time: string, year?: number): string;
}
const KOREAN: Calendar = {
  months: Array.from({ length: 12 }, (_, month) => `${month + 1}월`),
  weekdays: ['일', '월', '화', '수', '목', '금', '토'],
  time: (hours, minutes, afternoon) => `${afternoon ? '오후' : '오전'} ${hours}:${minutes}`,
  date: (month, day, weekday, time, year) =>
    `${year === undefined ? '' : `${year}년 `}${month} ${day}일 (${weekday}) ${time}`,
};
const ENGLISH: Calendar = {
  months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  weekdays: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  time: (hours, minutes, afternoon) => `${hours}:${minutes} ${afternoon ? 'PM' : 'AM'}`,
  date: (month, day, weekday, time, year) =>
    `${weekday}, ${month} ${day}${year === undefined ? '' : `, ${year}`}, ${time}`,
};

function dateParts(time: Date, lang: string) {
  const calendar = lang === 'ko' ? KOREAN : ENGLISH;
  const hours = time.getHours();
  return {
    calendar,
    month: calendar.months[time.getMonth()] ?? '',
    day: time.getDate(),
    weekday: calendar.weekdays[time.getDay()] ?? '',
    time: calendar.time(hours % 12 || 12, String(time.getMinutes()).padStart(2, '0'), hours >= 12),
  };
}

/** "2027년 3월 1일 (월) 오후 7:00" · "Mon, Mar 1, 2027, 7:00 PM", in the device's own zone. */
export function formatDateTime(iso: string, lang: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const { calendar, month, day, weekday, time } = dateParts(at, lang);
  return calendar.date(month, day, weekday, time, at.getFullYear());
}

/** A time soon: "11월 26일 (목) 오전 7:26". The year only when it is another than now's. */
export function formatMoment(iso: string, lang: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  if (at.getFullYear() !== new Date(now).getFullYear()) return formatDateTime(iso, lang);
  const { calendar, month, day, weekday, time } = dateParts(at, lang);
  return calendar.date(month, day, weekday, time);
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
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return undefined;
  const { month, day, weekday, time } = dateParts(at, lang);
  return { year: `${at.getFullYear()}${lang === 'ko' ? '년' : ''}`, month, day: String(day), weekday, time };
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
export function formatClock(ms: number): string {
  const at = new Date(ms);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
