/** Which part of the page an address begins with. The build tells index.html, so that the part begins to travel at once. */
export const ADDRESSES = [
  ['/events/', 'hall'],
  ['/orders/', 'order'],
  ['/tickets', 'tickets'],
  ['/box-office', 'boxoffice'],
] as const;

export type Part = (typeof ADDRESSES)[number][1];
