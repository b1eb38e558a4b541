// Who we are to the daemon and whether it is there. Views read `session`; only api.ts writes it.

import { readText, writeText } from './lib/storage';

export type SessionState = 'starting' | 'ready' | 'locked';

class Session {
  state = $state<SessionState>('starting');
  /** The daemon runs with --no-auth: anybody on this machine can read what it serves. */
  isOpenToAll = $state(false);
  isConnected = $state(true);
  /** Counts reconnections, so that a view that depends on it loads again. */
  generation = $state(0);
  version = $state('');
  /** Why the link that the page was opened by did not work. */
  lockReason = $state<'none' | 'used_link' | 'refused'>('none');

  get token(): string | null {
    return readText('local', 'token');
  }

  set token(value: string | null) {
    writeText('local', 'token', value);
  }
}

export const session = new Session();
