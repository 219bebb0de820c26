/**
 * Runs before everything else, from a file of its own that is small enough to be there first: what the page at this
 * address will need begins to travel now, beside the first load, instead of after it. Nothing is imported, for that
 * would be one more way there and back. What was asked here is taken up by lib/api (lib/early).
 */
import type { Early } from './lib/early';

const MAP = 'application/vnd.onsale.seatmap';
const LAYOUT = 'application/vnd.onsale.layout, application/json;q=0.5';
const HASH_KEY = 'onsale.layout.';

const early: Map<string, Early> = new Map();
Object.assign(globalThis, { onsaleEarly: early });

function ask(path: string, accept?: string): Promise<Response> {
  const { href } = new URL(path, location.origin);
  const headers: HeadersInit = accept === undefined ? {} : { Accept: accept };
  const response = fetch(href, { headers, credentials: 'same-origin' });
  // Whoever takes it up is told what went wrong.
  response.catch(() => undefined);
  early.set(`${href} ${accept ?? ''}`, { response, at: performance.now() });
  return response;
}

/** The files of the page's part, as index.html names them: `<meta name="part" content="/address/ /file …">`. */
function askForPart(): void {
  for (const { content } of document.querySelectorAll<HTMLMetaElement>('meta[name="part"]')) {
    const [address = '', ...files] = content.split(' ');
    if (!location.pathname.startsWith(address)) continue;
    for (const file of files) {
      const link = document.createElement('link');
      link.rel = file.endsWith('.css') ? 'preload' : 'modulepreload';
      if (file.endsWith('.css')) link.as = 'style';
      link.crossOrigin = '';
      link.href = file;
      document.head.append(link);
    }
  }
}

/** The hash of the plan is in the list of events; whoever was here before knows it. */
async function askForLayout(eventId: number): Promise<void> {
  let hash: string | null = null;
  try {
    hash = localStorage.getItem(HASH_KEY + eventId);
    if (hash === null) {
      const list: unknown = await (await ask('/ticketing/catalog/api/events')).clone().json();
      for (const event of Array.isArray(list) ? list : [])
        if (event?.id === eventId && typeof event.layoutHash === 'string') hash = event.layoutHash;
      if (hash !== null) localStorage.setItem(HASH_KEY + eventId, hash);
    }
  } catch {
    // The page asks for itself, and tells what goes wrong.
  }
  if (hash === null) return;
  ask(`/ticketing/catalog/api/events/${eventId}/layout?hash=${encodeURIComponent(hash)}`, LAYOUT);
}

/** What stands before the page's script is there (index.html) already has the theme that was chosen. */
function applyChosenTheme(): void {
  try {
    const chosen = localStorage.getItem('onsale.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch {
    // As the device wishes, then.
  }
}

applyChosenTheme();
askForPart();
const eventId = Number(/^\/events\/(\d{1,15})\/?$/.exec(location.pathname)?.[1]);
if (eventId > 0) {
  void askForLayout(eventId);
  ask(`/ticketing/catalog/api/events/${eventId}/seats`, MAP);
  ask(`/ticketing/reservation/api/reservations?eventId=${eventId}`);
}
