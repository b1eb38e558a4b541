// The search as it is being typed: what was asked, what came back, and nothing that came too late.

import { isAborted, search } from '../api';
import { searchableText } from '../lib/hangul';
import { preferences } from '../preferences.svelte';
import type { Explanation, Hit, SearchMode, SearchRequest, SearchResult } from '../types';

const kDebounceMs = 80;
export const kPage = 10;
const kLimitMax = 100;

/** A passage may be found again by another search; its place says that it is the same. */
export const keyOf = ({ root, path, document_id, bytes }: Hit) =>
  [root, path, document_id, bytes[0]].join('\n');

export class SearchState {
  text = $state('');
  mode = $state<SearchMode>('auto');
  filter = $state('');
  limit = $state(kPage);
  isComposing = $state(false);
  /** The words as they were typed, without corrections: what someone chose for this text. */
  literal = $state('');
  result = $state.raw<SearchResult | null>(null);
  /** What `result` answers; a hit is judged for this. */
  question = $state('');
  error = $state.raw<unknown>(null);
  isBusy = $state(false);
  elapsedMs = $state(0);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | null = null;

  get canShowMore(): boolean {
    return this.result !== null && this.result.hits.length >= this.limit && this.limit < kLimitMax;
  }

  showMore(): void {
    this.limit = Math.min(this.limit * 2, kLimitMax);
    this.schedule(0);
  }

  searchLiterally(): void {
    this.literal = this.question;
    this.schedule(0);
  }

  schedule(afterMs = kDebounceMs): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), afterMs);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
  }

  async explain(hit: Hit): Promise<Explanation | null> {
    try {
      const { hits } = await search({ ...this.request(this.question), explain: true });
      const same = hits.find((other) => keyOf(other) === keyOf(hit));
      return same?.explanation ?? null;
    } catch (error) {
      this.error = error;
      return null;
    }
  }

  private request(query: string): SearchRequest {
    const { mode, filter, limit } = this;
    const correct = this.literal !== query;
    const { collection } = preferences;
    return { query, mode, filter, limit, collection, correct, as_you_type: true };
  }

  private async run(): Promise<void> {
    const query = searchableText(this.text, this.isComposing);
    this.running?.abort();
    const stop = (this.running = new AbortController());
    if (query === '') {
      this.result = this.isComposing ? this.result : null;
      this.error = null;
      this.isBusy = false;
      return;
    }
    this.isBusy = true;
    const begin = performance.now();
    try {
      const result = await search(this.request(query), stop.signal);
      // An answer that had arrived before its request was stopped must not win either.
      if (stop.signal.aborted) return;
      this.result = result;
      this.question = query;
      this.error = null;
      this.elapsedMs = performance.now() - begin;
    } catch (error) {
      if (isAborted(error) || stop.signal.aborted) return;
      this.error = error;
      this.result = null;
    } finally {
      if (this.running === stop) this.isBusy = false;
    }
  }
}
