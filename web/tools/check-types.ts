/** Fails when src/lib/contract.ts is not what the contract generates now. `npm run types` writes it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const contract = new URL('../../contract/openapi.yaml', import.meta.url);
const committed = fileURLToPath(new URL('../src/lib/contract.ts', import.meta.url));

const generated = astToString(await openapiTS(contract));
// The command line writes a notice above the types; the types are what must agree.
const kept = readFileSync(committed, 'utf8');
if (!kept.endsWith(generated)) {
  console.error(
    'src/lib/contract.ts does not follow contract/openapi.yaml: run `npm run types` and commit the result.',
  );
  process.exit(1);
}
console.log('types: as the contract says');
