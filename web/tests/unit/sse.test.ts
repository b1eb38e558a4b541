import { describe, expect, it } from 'vitest';
import { EventParser, readEvents } from '../../src/lib/sse';

const stream =
  ': keep-alive\n\nevent: text\ndata: {"text":"가"}\n\nevent: answer\r\ndata: {"a":\r\ndata: 1}\r\n\r\n';
const expected = [
  { name: 'text', data: '{"text":"가"}' },
  { name: 'answer', data: '{"a":\n1}' },
];

describe('event stream', () => {
  it('is read whole', () => {
    expect(new EventParser().push(stream)).toEqual(expected);
  });

  it('is the same however it is cut', () => {
    for (let cut = 1; cut < stream.length; ++cut) {
      const parser = new EventParser();
      expect(
        [...parser.push(stream.slice(0, cut)), ...parser.push(stream.slice(cut))],
        `cut ${cut}`,
      ).toEqual(expected);
    }
  });

  it('gives nothing for an event that never ended', () => {
    expect(new EventParser().push('event: text\ndata: x\n')).toEqual([]);
  });

  it('survives a character that is cut by the network', async () => {
    const bytes = new TextEncoder().encode(stream);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const events = [];
    for await (const event of readEvents(body)) events.push(event);
    expect(events).toEqual(expected);
  });

  it('is cancelled when the reader leaves', async () => {
    let wasCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('data: x\n\n')),
      cancel: () => void (wasCancelled = true),
    });
    for await (const event of readEvents(body)) {
      expect(event.name).toBe('message');
      break;
    }
    expect(wasCancelled).toBe(true);
  });
});
