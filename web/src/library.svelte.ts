// What the store holds, asked once for all views.

import { ApiError, getStatus } from './api';
import { preferences } from './preferences.svelte';
import type { Collection, Status } from './types';

class Library {
  status = $state.raw<Status | null>(null);

  async refresh(): Promise<void> {
    try {
      this.status = await getStatus();
    } catch (error) {
      // The banner and the lock say what is wrong; the last status is better than none.
      if (!(error instanceof ApiError)) throw error;
      return;
    }
    const names = this.status.collections.map((collection) => collection.name);
    if (names.length > 0 && !names.includes(preferences.collection))
      preferences.setCollection(names[0]!);
  }

  get collection(): Collection | null {
    return this.status?.collections.find(({ name }) => name === preferences.collection) ?? null;
  }
}

export const library = new Library();
