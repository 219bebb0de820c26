export { Checkout as default } from '@/features/orders';
