import { describe, expect, it } from 'vitest';
import { faults } from './check-imports';

describe('the rooms of the page', () => {
  it('lets app compose features, and features use components and lib', () => {
    expect(
      faults([
        { path: 'app/pages/HallPage.tsx', text: "import { HallMap } from '@/features/seats';" },
        {
          path: 'features/seats/HallMap.tsx',
          text: "import { Button } from '@/components';\nimport { x } from '../../lib/seat';",
        },
        { path: 'components/Price.tsx', text: "import { formatPrice } from '@/lib/format';" },
      ]),
    ).toEqual([]);
  });

  it('refuses a feature that imports another, upward imports and a look behind an index', () => {
    const found = faults([
      { path: 'features/cart/useCart.ts', text: "import { HallMap } from '@/features/seats';" },
      { path: 'lib/api.ts', text: "import { Button } from '../components/Button';" },
      { path: 'components/X.tsx', text: "const x = import('@/app/App');" },
      { path: 'app/App.tsx', text: "import { a } from '@/features/cart/store';" },
    ]);
    expect(found).toHaveLength(4);
  });

  it('refuses the network outside a request file', () => {
    expect(faults([{ path: 'features/cart/CartPanel.tsx', text: "await fetch('/x');" }])).toHaveLength(1);
    expect(faults([{ path: 'features/cart/CartPanel.tsx', text: 'query.refetch(); // fetch(' }])).toEqual([]);
    expect(faults([{ path: 'features/cart/api/hold.ts', text: "await fetch('/x');" }])).toEqual([]);
  });
});
