import { useQuery } from '@tanstack/react-query';
import { act, screen, waitFor } from '@testing-library/react';
import { http } from 'msw';
import { Link, Route, Routes } from 'react-router';
import { toast } from 'sonner';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { noteReachable } from '@/lib/online';
import { Refused } from '@/lib/result';
import { chooseTheme } from '@/lib/theme';
import { renderPage } from '@/test/render';
import { answer, server, TRACE_ID } from '@/test/server';
import { Pages } from './Pages';
import { Shell } from './Shell';
import { usePageTitle } from './usePageTitle';

afterEach(() => chooseTheme('system'));

function Titled({ title }: { title: string }) {
  usePageTitle(title);
  return (
    <>
      <h1>{title}</h1>
      <Link to="/two">On to two</Link>
    </>
  );
}

const two = (
  <Shell>
    <Routes>
      <Route path="/" element={<Titled title="One" />} />
      <Route path="/two" element={<Titled title="Two" />} />
    </Routes>
  </Shell>
);

describe('the shell', () => {
  it('offers the way past itself first', async () => {
    const { user } = renderPage(two);
    await user.tab();
    expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveFocus();
    expect(screen.getByRole('main')).toHaveAttribute('id', 'main');
  });

  it('moves the focus with the page, and says and shows its title', async () => {
    const { user } = renderPage(two);
    expect(document.title).toBe('One · Onsale');
    await user.click(screen.getByRole('link', { name: 'On to two' }));
    expect(screen.getByRole('main')).toHaveFocus();
    expect(document.title).toBe('Two · Onsale');
    await waitFor(() => expect(screen.getAllByRole('status')[0]).toHaveTextContent('Two · Onsale'));
  });

  it('shows what was said by a toast before it stood', async () => {
    toast('The sale is over.', { id: 'early' });
    renderPage(two);
    expect(await screen.findByText('The sale is over.')).toBeInTheDocument();
    toast.dismiss('early');
  });

  it('cuts a title of absurd length', () => {
    renderPage(<Titled title={'x'.repeat(10_000)} />);
    expect(document.title.length).toBeLessThan(140);
  });

  it('speaks the other language at once, and remembers it', async () => {
    const { user } = renderPage(two);
    await user.click(screen.getByRole('button', { name: '한국어 · 언어 바꾸기' }));
    expect(screen.getByRole('link', { name: '내 티켓' })).toBeInTheDocument();
    expect(document.documentElement.lang).toBe('ko');
    expect(localStorage.getItem('onsale.language')).toBe('ko');
  });

  it('goes through the themes', async () => {
    const { user } = renderPage(two);
    await user.click(screen.getByRole('button', { name: /^Theme: as the device/ }));
    expect(document.documentElement.dataset.theme).toBe('light');
    await user.click(screen.getByRole('button', { name: /^Theme: light/ }));
    expect(document.documentElement.dataset.theme).toBe('dark');
    await user.click(screen.getByRole('button', { name: /^Theme: dark/ }));
    expect(localStorage.getItem('onsale.theme')).toBeNull();
  });

  it('answers an address that is none', async () => {
    renderPage(
      <Shell>
        <Pages />
      </Shell>,
      { at: '/no/such/page' },
    );
    expect(screen.getByRole('heading', { level: 1 })).toHaveTextContent('There is no such page');
    expect(screen.getByRole('link', { name: 'Back to the events' })).toHaveAttribute('href', '/');
  });
});

function Counted() {
  const { data } = useQuery({
    queryKey: ['counted'],
    queryFn: async () => (await (await fetch('/counted')).json()) as number,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return <p>Asked {data}</p>;
}

describe('without a connection', () => {
  it('says so, and brings everything up to date on the way back', async () => {
    let asked = 0;
    server.use(http.get('/counted', () => answer(++asked)));
    renderPage(
      <Shell>
        <Counted />
      </Shell>,
    );
    await screen.findByText('Asked 1');
    act(() => noteReachable(false));
    expect(screen.getAllByText(/The box office cannot be reached/).length).toBeGreaterThan(0);
    act(() => noteReachable(true));
    expect(await screen.findByText('Asked 2')).toBeInTheDocument();
    await waitFor(() => expect(screen.getAllByRole('status')[0]).toHaveTextContent('Back online.'));
  });

  it('tells a device that is offline from an office that is away', () => {
    renderPage(two);
    const line = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    act(() => void window.dispatchEvent(new Event('offline')));
    expect(screen.getByText(/You are offline/)).toBeInTheDocument();
    line.mockReturnValue(true);
    act(() => void window.dispatchEvent(new Event('online')));
    expect(screen.queryByText(/You are offline/)).not.toBeInTheDocument();
  });
});

let broken: unknown;

function Fragile() {
  if (broken) throw broken;
  return <p>Whole</p>;
}

describe('a page that breaks', () => {
  const page = (
    <Shell>
      <Routes>
        <Route path="/" element={<Fragile />} />
        <Route path="/tickets" element={<h1>Tickets</h1>} />
      </Routes>
    </Shell>
  );

  it('leaves the shell standing, says that the holds are kept, and opens again', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    broken = new Error('a bug');
    const { user } = renderPage(page);
    expect(screen.getByRole('heading', { name: 'Something on this page broke' })).toBeInTheDocument();
    expect(screen.getByText(/The seats you hold are still yours/)).toBeInTheDocument();
    broken = undefined;
    await user.click(screen.getByRole('button', { name: 'Open the page again' }));
    expect(screen.getByText('Whole')).toBeInTheDocument();
  });

  it('shows the Trace-Id of an answer that broke it, and another page is a fresh start', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    broken = new Refused({ code: 'INTERNAL_ERROR', status: 500, message: 'x', traceId: TRACE_ID });
    const { user } = renderPage(page);
    expect(screen.getByText(TRACE_ID)).toBeInTheDocument();
    await user.click(screen.getByRole('link', { name: 'My tickets' }));
    expect(screen.getByRole('heading', { name: 'Tickets' })).toBeInTheDocument();
  });
});
