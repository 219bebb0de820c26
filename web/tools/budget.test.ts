import { expect, it } from 'vitest';
import { staticFiles } from './budget';

it('weighs what the entry imports at once, each file once, and not what comes later', () => {
  const manifest = {
    main: {
      file: 'main.js',
      isEntry: true,
      imports: ['shared', 'react'],
      dynamicImports: ['map'],
      css: ['main.css'],
    },
    shared: { file: 'shared.js', imports: ['react'] },
    react: { file: 'react.js' },
    map: { file: 'map.js', imports: ['shared'] },
  };
  expect(staticFiles(manifest, 'main')).toEqual({
    js: ['main.js', 'shared.js', 'react.js'],
    css: ['main.css'],
  });
});
