/**
 * For work on the page: a folder as tools/web builds it, served as the office would (Brotli, kept for ever, its
 * policy), with the office itself behind it. What the program carries needs none of this.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { PAGE_POLICY, PAGE_TYPES } from '../e2e/people.ts';

const OFFICE_PATH = /^\/(ticketing|docs|openapi|errors)/;

export async function openFront(
  office: string,
  folder: string,
): Promise<{ url: string; close: () => Promise<void> }> {
  const files = new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length), brotliCompressSync(readFileSync(path))] as const;
      }),
  );
  const server = createServer((asked, answer) => {
    const path = new URL(asked.url ?? '/', office).pathname;
    if (OFFICE_PATH.test(path)) {
      const onward = request(office + asked.url, { method: asked.method, headers: asked.headers }, (told) => {
        answer.writeHead(told.statusCode ?? 502, told.headers);
        told.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      asked.pipe(onward);
      return;
    }
    const name = files.has(path) ? path : '/index.html';
    answer.writeHead(200, {
      'Content-Type': PAGE_TYPES[extname(name)] ?? 'application/octet-stream',
      'Content-Encoding': 'br',
      'Cache-Control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'Content-Security-Policy': name === '/index.html' ? PAGE_POLICY : "default-src 'none'",
    });
    answer.end(files.get(name));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
