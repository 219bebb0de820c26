/** Halls of any size in the import format: blocks of 20 rows by 25 seats around a stage. */
const ROWS = 20;
const SEATS = 25;
const PITCH = 50;
const ROW_PITCH = 70;

export function hallOf(seats: number): unknown {
  const blocks = Math.ceil(seats / (ROWS * SEATS));
  const columns = Math.ceil(Math.sqrt(blocks * 1.2));
  const width = SEATS * PITCH + 150;
  const height = ROWS * ROW_PITCH + 150;
  let left = seats;
  const zones = Array.from({ length: blocks }, (_, b) => {
    const rows = [];
    for (let r = 0; r < ROWS && left > 0; ++r) {
      const count = Math.min(SEATS, left);
      left -= count;
      rows.push({
        row_number: String(r + 1),
        position: { x: 0, y: r * ROW_PITCH },
        seats: Array.from({ length: count }, (_, c) => ({
          seat_guid: `${b}-${r}-${c}`,
          seat_number: String(c + 1),
          position: { x: c * PITCH, y: Math.round(6 * Math.abs(c - SEATS / 2)) },
          category: ['First', 'Second', 'Third'][Math.min(2, Math.floor((3 * b) / blocks))],
        })),
      });
    }
    return {
      name: `B${b + 1}`,
      position: { x: 200 + (b % columns) * width, y: 600 + Math.floor(b / columns) * height },
      rows,
      areas: [],
    };
  });
  return {
    name: `Hall of ${seats}`,
    size: { width: columns * width + 400, height: Math.ceil(blocks / columns) * height + 800 },
    categories: [
      { name: 'First', color: '#b91c1c' },
      { name: 'Second', color: '#0d9488' },
      { name: 'Third', color: '#2563eb' },
    ],
    zones,
  };
}
