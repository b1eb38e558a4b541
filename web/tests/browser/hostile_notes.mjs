// Notes as somebody who means harm would write them. All speak of the quokka, so that one search
// finds them.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const kHost = 'http://tracker.invalid';

/** Ways to write script into HTML: every element, event and quoting with every other. */
export function makeVectors() {
  const elements = [
    'img src=x',
    'svg',
    'body',
    'iframe',
    'details open',
    'video src=x',
    'input autofocus',
    'math',
    'object data=x',
    'a href=javascript:alert(1)',
  ];
  const events = ['onerror', 'onload', 'onfocus', 'ontoggle', 'onmouseover'];
  const wraps = [
    (tag) => `<${tag}>`,
    (tag) => `"><${tag}>`,
    (tag) => `'><${tag}>`,
    (tag) => `</textarea></title></style></script><${tag}>`,
    (tag) => `&lt;${tag}&gt; <!--><${tag}>-->`,
    (tag) => `[x](javascript:alert(1)) <${tag}//`,
    (tag) => `\`<${tag}>\` <<${tag}>>`,
    (tag) => `![<${tag}>](<javascript:alert(1)>)`,
    (tag) => `<${tag.toUpperCase()}\u0008>`,
    (tag) => `<x><${tag.replace(' ', '/')}>`,
  ];
  return elements.flatMap((element) =>
    events.flatMap((event) => wraps.map((wrap) => wrap(`${element} ${event}=alert(1)`))),
  );
}

const notes = {
  'vectors.md': `# Five hundred quokkas\n\n${makeVectors()
    .map((vector) => `quokka ${vector}`)
    .join('\n\n')}\n`,
  'script.md': `---
title: "<img src=x onerror=alert(1)> quokka"
tags: ["<b>quokka</b>", "\\"><script>alert(2)</script>"]
---
# <script>alert(3)</script> quokka

A quokka says <script>alert(4)</script> and <img src=x onerror="alert(5)"> and
<svg/onload=alert(6)> and <a href="javascript:alert(7)">here</a>.

{@html "<img src=x onerror=alert(8)>"} \${alert(9)} {{constructor.constructor('alert(10)')()}}
`,
  'images.md': `# Remote quokka

![quokka](${kHost}/pixel.png) ![ref][1] <img src="${kHost}/html.png" srcset="${kHost}/set.png 2x">
<link rel="stylesheet" href="${kHost}/style.css"><iframe src="${kHost}/frame"></iframe>
<style>@import url(${kHost}/import.css); body { background: url(${kHost}/background.png) }</style>
<video poster="${kHost}/poster.png"></video> [quokka](javascript:alert(11))

[1]: ${kHost}/reference.png
`,
  'table.md': `# Table of quokkas

| ${Array.from({ length: 200 }, (_, i) => `column${i}`).join(' | ')} |
|${'---|'.repeat(200)}
${Array.from({ length: 100 }, (_, row) => `| quokka ${Array.from({ length: 199 }, (_, i) => `${row}x${i}`).join(' | ')} |`).join('\n')}
`,
  'long.md': `# ${'quokka'.repeat(200)}\n\n${'quokka'.repeat(3000)}\n`,
  'direction.md': '# \u202equokka\u202c drawkcab\n\n\u2066quokka\u2069 \u200b quokka \u{e0041}\n',
  'emoji.md': `# 🙂 quokka 🙂\n\n${'👩‍👩‍👧‍👦 quokka 가각갂 '.repeat(30)}\n`,
};

export function writeHostileNotes(folder) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(notes)) writeFileSync(path.join(folder, name), text);
  writeFileSync(
    path.join(folder, '"><img src=x onerror=alert(12)>.md'),
    '# Name\n\nThe quokka in a file name.\n',
  );
  writeFileSync(
    path.join(folder, 'broken.md'),
    Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x00, 0xd8, 0x71]),
  );
}
