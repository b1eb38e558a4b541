// The page's words. en.ts says which keys there are; a key that ko.ts lacks does not compile.

import { preferences, type Language } from '../preferences.svelte';
import { en } from './en';
import { ko } from './ko';

export type Key = keyof typeof en;
export type Dictionary = Record<Key, string>;

const dictionaries: Record<Language, Dictionary> = { en, ko };

/** `{name}` in the text is replaced by the value of that name. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return dictionaries[preferences.language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}

/** For names that the daemon makes up, such as a setting's group: translated if known. */
export function translateOr(key: string, otherwise: string): string {
  return key in en ? t(key as Key) : otherwise;
}
