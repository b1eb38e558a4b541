// What the browser keeps. It may refuse (private windows, full quota), and the page works without.

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

export function readText(area: 'local' | 'session', key: string): string | null {
  return attempt(
    () => (area === 'local' ? localStorage : sessionStorage).getItem(`saerok.${key}`),
    null,
  );
}

export function writeText(area: 'local' | 'session', key: string, value: string | null): void {
  attempt(() => {
    const storage = area === 'local' ? localStorage : sessionStorage;
    if (value === null) storage.removeItem(`saerok.${key}`);
    else storage.setItem(`saerok.${key}`, value);
  }, undefined);
}

export function readJson<T>(area: 'local' | 'session', key: string, otherwise: T): T {
  const text = readText(area, key);
  return text === null ? otherwise : attempt(() => JSON.parse(text) as T, otherwise);
}

export function writeJson(area: 'local' | 'session', key: string, value: unknown): void {
  writeText(area, key, JSON.stringify(value));
}
