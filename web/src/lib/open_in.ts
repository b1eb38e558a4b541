// Links that hand a note over to a program on this machine.

import { absolutePath } from './format';

export const kPrograms = ['Obsidian', 'VS Code', 'VSCodium', 'Zed'] as const;
export type Program = (typeof kPrograms)[number];

const schemes: Record<Exclude<Program, 'Obsidian'>, string> = {
  'VS Code': 'vscode',
  VSCodium: 'vscodium',
  Zed: 'zed',
};

/** `line` counts from 1. Obsidian takes no line by path. */
export function openLink(program: Program, root: string, path: string, line: number): string {
  const file = absolutePath(root, path);
  if (program === 'Obsidian') return `obsidian://open?path=${encodeURIComponent(file)}`;
  const encoded = file.split('/').map(encodeURIComponent).join('/');
  return `${schemes[program]}://file${encoded}:${line}`;
}
