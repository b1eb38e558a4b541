// Which passage the reading pane shows. Every view can open one.

import { tick } from 'svelte';
import type { ByteRange, Place } from './types';

export interface Passage extends Omit<Place, 'bytes'> {
  title: string;
  /** null: the whole note, from its top. */
  bytes: ByteRange | null;
  /** Text to mark inside the passage, where less than the whole passage is meant. */
  quote: string;
}

class Reader {
  passage = $state.raw<Passage | null>(null);
  private opener: HTMLElement | null = null;

  open(passage: Passage): void {
    if (!this.passage) this.opener = document.activeElement as HTMLElement | null;
    this.passage = passage;
  }

  close(): void {
    this.passage = null;
    const opener = this.opener;
    this.opener = null;
    // Where the note covered the view, the view cannot take focus before it is shown again.
    void tick().then(() => opener?.focus());
  }
}

export const reader = new Reader();
