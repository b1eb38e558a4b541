// What a person chose about the page itself. Kept in this browser, shared by its tabs.

import { kPrograms, type Program } from './lib/open_in';
import { readText, writeText } from './lib/storage';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'ko' | 'en';

function read<Value extends string>(
  key: string,
  values: readonly Value[],
  otherwise: Value,
): Value {
  return values.find((value) => value === readText('local', key)) ?? otherwise;
}

class Preferences {
  theme = $state<Theme>('system');
  language = $state<Language>('en');
  /** Keys without a modifier can be in the way of speech input, so they can be switched off. */
  hasShortcuts = $state(true);
  collection = $state('default');
  /** What notes are opened in, beside the reading pane. */
  program = $state<Program>('Obsidian');

  load(): void {
    this.theme = read('theme', ['system', 'light', 'dark'], 'system');
    this.language = read(
      'language',
      ['ko', 'en'],
      navigator.language.startsWith('ko') ? 'ko' : 'en',
    );
    this.program = read('program', kPrograms, 'Obsidian');
    this.hasShortcuts = readText('local', 'shortcuts') !== 'off';
    this.collection = readText('local', 'collection') ?? 'default';
    this.show();
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    writeText('local', 'theme', theme);
    this.show();
  }

  setLanguage(language: Language): void {
    this.language = language;
    writeText('local', 'language', language);
    this.show();
  }

  setShortcuts(isOn: boolean): void {
    this.hasShortcuts = isOn;
    writeText('local', 'shortcuts', isOn ? 'on' : 'off');
  }

  setProgram(program: Program): void {
    this.program = program;
    writeText('local', 'program', program);
  }

  setCollection(name: string): void {
    this.collection = name;
    writeText('local', 'collection', name);
  }

  private show(): void {
    document.documentElement.lang = this.language;
    document.documentElement.dataset['theme'] = this.theme;
  }
}

export const preferences = new Preferences();
