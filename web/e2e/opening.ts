/** What a file of tests begins with: an office and a browser, for all of them; both are gone after the last. */
import { after } from 'node:test';
import { Office, type Settings } from './office.ts';
import { closeBrowser, openBrowser } from './people.ts';

export async function openOffice(settings: Settings = {}): Promise<Office> {
  const office = await Office.start(settings);
  after(async () => {
    await closeBrowser();
    await office.stop();
  });
  await openBrowser();
  return office;
}
