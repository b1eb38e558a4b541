// All tests of the page in a browser. Some: node --test-name-pattern=REGEX tests/browser/main.mjs

import { after, before } from 'node:test';
import { begin, end } from './harness.mjs';

before(begin);
after(end);

// In this order: the last change the library.
await import('./session.mjs');
await import('./rebinding.mjs');
await import('./search.mjs');
await import('./ask.mjs');
await import('./hostile.mjs');
await import('./looks.mjs');
await import('./library.mjs');
await import('./lab.mjs');
