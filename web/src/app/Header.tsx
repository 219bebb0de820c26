import { useTranslation } from 'react-i18next';
import { Link, NavLink, useMatch } from 'react-router';
import { cx, IconButton, icons } from '@/components';
import { LANGUAGES } from '@/lib/language';
import { chooseTheme, type ThemeChoice, useTheme } from '@/lib/theme';

export function Header() {
  const { t } = useTranslation('common');
  // A hall takes all the room there is (start.ts says the same to the head that index.html draws).
  const wide = useMatch('/events/:eventId') !== null;
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-ground/90 backdrop-blur-md print:hidden">
      <div className={cx('page flex min-h-16 items-center gap-1', wide && 'max-w-none')}>
        <Link
          to="/"
          aria-label={t('nav.home')}
          className="me-2 flex min-h-11 items-center gap-2 text-lg font-extrabold tracking-tight"
        >
          <Mark />
          <span className="max-[22rem]:sr-only">{t('appName')}</span>
        </Link>
        <nav aria-label={t('nav.label')} className="flex flex-1 gap-1">
          <Place to="/" className="max-sm:hidden">
            {t('nav.events')}
          </Place>
          <Place to="/tickets">{t('nav.tickets')}</Place>
        </nav>
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-8" aria-hidden="true">
      <path
        className="fill-accent"
        d="M4 7a3 3 0 0 1 3-3h18a3 3 0 0 1 3 3v5a4 4 0 0 0 0 8v5a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-5a4 4 0 0 0 0-8z"
      />
      <circle cx="16" cy="16" r="5.5" fill="none" className="stroke-on-accent" strokeWidth="3" />
    </svg>
  );
}

function Place({ to, className, children }: { to: string; className?: string; children: string }) {
  return (
    <NavLink
      to={to}
      end
      className={({ isActive }) =>
        cx(
          'inline-flex min-h-11 items-center rounded-md px-3 text-base font-semibold transition-colors hover:bg-sunken',
          isActive ? 'text-accent' : 'text-ink',
          className,
        )
      }
    >
      {children}
    </NavLink>
  );
}

function LanguageSwitch() {
  const { t, i18n } = useTranslation('common');
  const other = LANGUAGES.find((one) => one !== i18n.language) ?? 'en';
  return (
    <button
      type="button"
      lang={other}
      aria-label={t('language.switch')}
      onClick={() => void i18n.changeLanguage(other)}
      className="inline-flex min-h-11 min-w-11 items-center justify-center rounded-md px-2 text-sm font-semibold hover:bg-sunken"
    >
      {t('language.other')}
    </button>
  );
}

const NEXT: Record<ThemeChoice, ThemeChoice> = { system: 'light', light: 'dark', dark: 'system' };

function ThemeSwitch() {
  const { t } = useTranslation('common');
  const { choice } = useTheme();
  const Picture = { system: icons.HalfMoon, light: icons.Sun, dark: icons.Moon }[choice];
  return (
    <IconButton
      label={t('theme.next', { now: t(`theme.${choice}`) })}
      onClick={() => chooseTheme(NEXT[choice])}
    >
      <Picture />
    </IconButton>
  );
}
