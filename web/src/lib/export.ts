// A conversation as Markdown, with footnotes for the citations so that it stands by itself.

import type { Citation } from '../types';

export interface ExportedTurn {
  question: string;
  text: string;
  citations: readonly Citation[];
}

export function conversationToMarkdown(turns: readonly ExportedTurn[]): string {
  const parts = turns.map((turn, index) => {
    const quoted = turn.question
      .split('\n')
      .map((line) => `> ${line}`)
      .join('\n');
    const known = new Set(turn.citations.map(({ marker }) => marker));
    const text = turn.text.replace(/\[(\d{1,3})\]/g, (whole, marker: string) =>
      known.has(Number(marker)) ? `[^${index + 1}-${marker}]` : whole,
    );
    const notes = turn.citations.map(({ marker, path, root, lines, quote }) => {
      const place = `${path === '' ? root : path}, ${lines[0]}–${lines[1]}`;
      return `[^${index + 1}-${marker}]: ${place}: “${quote.replace(/\s+/g, ' ').trim()}”`;
    });
    return [quoted, text, [...new Set(notes)].join('\n')]
      .filter((part) => part !== '')
      .join('\n\n');
  });
  return parts.join('\n\n---\n\n') + '\n';
}

export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/markdown;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the blob over by the next turn of its loop.
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
