import { useTranslation } from 'react-i18next';

export function Footer() {
  const { t } = useTranslation('common');
  return (
    <footer className="mt-auto border-t border-line text-sm text-ink-soft print:hidden">
      <div className="page flex min-h-16 flex-wrap items-center justify-between gap-x-6 py-2">
        <p>{t('footer.text')}</p>
        <a
          href="/docs"
          className="inline-flex min-h-11 items-center font-semibold underline underline-offset-4"
        >
          {t('footer.contract')}
        </a>
      </div>
    </footer>
  );
}
