export { CartPanel, type CartPanelProps } from './components/CartPanel';
export { holdAgain } from './holdAgain';
export { type Cart, useCart } from './useCart';
