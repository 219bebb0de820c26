import { useTranslation } from 'react-i18next';
import { Toaster } from 'sonner';
import { useTheme } from '@/lib/theme';

export default function Toasts() {
  const { t } = useTranslation('common');
  const { theme } = useTheme();
  return (
    <Toaster
      theme={theme}
      position="bottom-center"
      containerAriaLabel={t('toasts')}
      closeButton
      duration={6000}
      gap={8}
      toastOptions={{ closeButtonAriaLabel: t('close') }}
    />
  );
}
