import { act, screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problemExample } from '@/test/contract';
import { renderPage } from '@/test/render';
import { Button, Countdown, Dialog, ErrorState, Field } from '.';

afterEach(() => vi.useRealTimers());

function Once({ pressed }: { pressed: () => void }) {
  const [busy, setBusy] = useState(false);
  return (
    <Button
      busy={busy}
      onClick={() => {
        pressed();
        setBusy(true);
      }}
    >
      Pay
    </Button>
  );
}

describe('Button', () => {
  it('takes no second click while it is busy, and keeps the focus', async () => {
    const pressed = vi.fn();
    const { user } = renderPage(<Once pressed={pressed} />);
    const button = screen.getByRole('button', { name: 'Pay' });
    await user.dblClick(button);
    expect(pressed).toHaveBeenCalledTimes(1);
    expect(button).toHaveFocus();
    expect(button).toHaveAttribute('aria-busy', 'true');
  });
});

describe('Countdown', () => {
  it('says once that it is over', async () => {
    vi.useFakeTimers();
    vi.setSystemTime('2026-11-22T18:00:00.000Z');
    const over = vi.fn();
    renderPage(<Countdown until="2026-11-22T18:00:02.000Z" onOver={over} />);
    expect(screen.getByRole('timer')).toHaveTextContent('0:02');
    await act(() => vi.advanceTimersByTimeAsync(5000));
    expect(screen.getByRole('timer')).toHaveTextContent('0:00');
    expect(over).toHaveBeenCalledTimes(1);
  });

  it('shows nothing for what is no time', () => {
    renderPage(<Countdown until="never" />);
    expect(screen.queryByRole('timer')).not.toBeInTheDocument();
  });
});

function Opened() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Open</Button>
      <Dialog open={open} onOpenChange={setOpen} title="Sure?" description="It cannot be undone.">
        <Button>Yes</Button>
      </Dialog>
    </>
  );
}

describe('Dialog', () => {
  it('keeps the focus inside, closes by Escape and gives the focus back', async () => {
    const { user } = renderPage(<Opened />);
    const opener = screen.getByRole('button', { name: 'Open' });
    await user.click(opener);
    const dialog = screen.getByRole('dialog', { name: 'Sure?' });
    expect(dialog).toHaveAccessibleDescription('It cannot be undone.');
    expect(dialog).toContainElement(document.activeElement as HTMLElement);
    expect(document.documentElement.dataset.locked).toBe('');
    for (let i = 0; i < 4; i++) await user.tab();
    expect(dialog).toContainElement(document.activeElement as HTMLElement);
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    await waitFor(() => expect(opener).toHaveFocus());
    expect(document.documentElement.dataset.locked).toBeUndefined();
  });

  it('needs no style element, which the page’s policy refuses', async () => {
    const { user } = renderPage(<Opened />);
    const before = document.querySelectorAll('style').length;
    await user.click(screen.getByRole('button', { name: 'Open' }));
    expect(document.querySelectorAll('style')).toHaveLength(before);
  });
});

describe('ErrorState', () => {
  it('has words in both languages for each problem that may stop a page', () => {
    const codes = [
      'UNAVAILABLE',
      'TOO_MANY_REQUESTS',
      'INTERNAL_ERROR',
      'EVENT_NOT_FOUND',
      'ORDER_NOT_FOUND',
      'NOT_FOUND',
    ];
    for (const language of ['ko', 'en'] as const) {
      for (const code of codes) {
        const { message, status, traceId } = problemExample(code);
        const view = renderPage(<ErrorState problem={{ code, message, status, traceId }} />, { language });
        expect(view.container).not.toHaveTextContent(message);
        expect(view.container).toHaveTextContent(traceId);
        view.unmount();
      }
    }
  });

  it('falls back on the office’s words for a code that it does not know', () => {
    renderPage(<ErrorState problem={{ code: 'BRAND_NEW', status: 418, message: 'Teapot.', traceId: '' }} />);
    expect(screen.getByText('Teapot.')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Copy' })).not.toBeInTheDocument();
  });

  it('says when copying does not work', async () => {
    const { user } = renderPage(
      <ErrorState problem={{ code: 'X', status: 500, message: '', traceId: 'abc' }} />,
    );
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('refused'));
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    expect(await screen.findByText(/Copying did not work/)).toBeInTheDocument();
  });
});

describe('Field', () => {
  it('ties its label, hint and fault to the input', () => {
    renderPage(<Field label="Credential" hint="In a file." fault="It is wrong." />);
    const input = screen.getByLabelText('Credential');
    expect(input).toHaveAccessibleDescription('In a file. It is wrong.');
    expect(input).toBeInvalid();
  });
});
