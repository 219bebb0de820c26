import { Refused } from './result';

const AGAIN_MS = 600;

/**
 * Loads a part of the page that comes when it is wanted, once more after a short pause when that fails. A part
 * that stays away (no network, or the office has a newer page by now) is a problem as any other; the error
 * boundary offers to load the page anew.
 */
export async function later<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    try {
      return await load();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Refused({ code: 'NETWORK', status: 0, message, traceId: '' });
    }
  }
}
