// The view and its parameters stand in the fragment: #/search?query=…. The daemon serves one page
// only, and the fragment never leaves the browser.

export const kViews = ['search', 'ask', 'library', 'lab', 'settings'] as const;
export type View = (typeof kViews)[number];

class Router {
  view = $state<View>('search');
  parameters = $state.raw(new URLSearchParams());
  /** Where each view was left, so that its tab leads back there. */
  lastHref = $state<Partial<Record<View, string>>>({});

  read(): void {
    const [name, query] = location.hash.replace(/^#\/?/, '').split('?', 2);
    this.view = kViews.find((view) => view === name) ?? 'search';
    this.parameters = new URLSearchParams(query ?? '');
    this.lastHref[this.view] = this.href(this.view, Object.fromEntries(this.parameters));
  }

  go(view: View, parameters: Record<string, string> = {}): void {
    location.hash = this.href(view, parameters);
  }

  /** Same view, other parameters, no step in the history: typing is not going somewhere. */
  replace(parameters: Record<string, string>): void {
    const href = this.href(this.view, parameters);
    this.lastHref[this.view] = href;
    history.replaceState(null, '', href);
  }

  href(view: View, parameters: Record<string, string> = {}): string {
    const kept = Object.entries(parameters).filter(([, value]) => value !== '');
    return kept.length > 0 ? `#/${view}?${new URLSearchParams(kept)}` : `#/${view}`;
  }
}

export const router = new Router();

/** The code of a one-time link, taken out of the address bar so that nobody copies it from there. */
export function takeCode(): string | null {
  const match = /^#code=(.+)$/.exec(location.hash);
  if (!match) return null;
  history.replaceState(null, '', location.pathname);
  return decodeURIComponent(match[1]!);
}
