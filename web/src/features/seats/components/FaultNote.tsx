import { useTranslation } from 'react-i18next';
import { icons } from '@/components';
import type { Fault } from '../model/plan';

// What is wrong with what the office sent. The plan stays usable; whoever reads this knows why a seat
// is missing.
export function FaultNote({ faults }: { faults: readonly Fault[] }) {
  const { t } = useTranslation('seats');
  return (
    <details role="status" className="mx-3 mt-2 rounded-md bg-warn-wash px-3 py-2 text-sm text-warn">
      <summary className="flex min-h-8 cursor-pointer items-center gap-2 font-semibold">
        <icons.Warning className="size-5 shrink-0" />
        {t('fault.title')}
      </summary>
      <ul className="ms-7 list-disc">
        {faults.map(({ kind, count }) => (
          <li key={kind}>{t(`fault.${kind}`, { count })}</li>
        ))}
      </ul>
    </details>
  );
}
