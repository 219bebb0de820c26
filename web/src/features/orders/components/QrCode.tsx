import { useMemo } from 'react';
import { encode } from 'uqr';
import { cx } from '@/components';

/** The text as a QR code, black on white in either theme: scanners want it so. One path, sharp in print. */
export function QrCode({ text, label, className }: { text: string; label: string; className?: string }) {
  const { size, path } = useMemo(() => {
    const { size, data } = encode(text, { ecc: 'M', border: 2 });
    // Runs of black modules, row by row.
    const runs: string[] = [];
    data.forEach((row, y) => {
      for (let x = 0; x < size; x++) {
        if (!row[x]) continue;
        const start = x;
        while (x < size && row[x]) x++;
        runs.push(`M${start} ${y}h${x - start}v1h-${x - start}z`);
      }
    });
    return { size, path: runs.join('') };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className={cx('rounded-sm', className)}
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
