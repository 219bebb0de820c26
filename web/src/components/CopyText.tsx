import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '@/lib/announce';
import { Check, Copy } from './icons';

/** A value to hand on, with a button that copies it. */
export function CopyText({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation('common');
  const [copied, setCopied] = useState(false);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      announce(t('copied'));
      setTimeout(() => setCopied(false), 2000);
    } catch {
      // No clipboard (an insecure address, a refusal): the value can be selected by hand.
      announce(t('copyFailed'));
    }
  }
  return (
    <div className="flex max-w-full flex-wrap items-center justify-center gap-x-2 text-xs text-ink-soft">
      <span>{label}</span>
      <code className="select-all break-all">{text}</code>
      <button
        type="button"
        onClick={copy}
        className="inline-flex min-h-11 items-center gap-1 rounded-md px-2 font-semibold text-ink hover:bg-sunken"
      >
        {copied ? <Check className="size-4" /> : <Copy className="size-4" />}
        {copied ? t('copied') : t('copy')}
      </button>
    </div>
  );
}
