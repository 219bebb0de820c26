// Stands in for d3-transition and d3-interpolate when the page is built. d3-zoom ends a transition of the element
// that it is about to move, and that is all it does with them here: the plan's flights are the view's own. What
// stays out (with colours, easings and timers) is a fifth of the hall's part.

import { selection } from 'd3-selection';

Object.assign(selection.prototype, {
  interrupt<T>(this: T): T {
    return this;
  },
});

export function interrupt(): void {}

// The way of a zoom's transition, of which there is none.
export function interpolateZoom(): undefined {
  return undefined;
}
