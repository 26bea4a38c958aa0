import { describe, expect, it } from '@jest/globals';
import { progressOn } from './progress.js';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, write: (text: string) => written.push(text), written };
}

describe('the progress of a rebuild', () => {
  it('is a bar on a terminal, a line for each phase', () => {
    const screen = terminal(true);
    const onProgress = progressOn(screen);
    onProgress('fill', 50, 100);
    onProgress('fill', 100, 100);
    onProgress('switch', 0, 1);
    onProgress('switch', 1, 1);
    expect(screen.written).toEqual([
      `\r\x1b[K[${'#'.repeat(15)}${'.'.repeat(15)}] fill: 50 of 100 records read`,
      `\r\x1b[K[${'#'.repeat(30)}] fill: 100 of 100 records read`,
      `\n\x1b[K[${'.'.repeat(30)}] switch: 0 of 1 tables switched`,
      `\r\x1b[K[${'#'.repeat(30)}] switch: 1 of 1 tables switched\n`,
    ]);
  });

  it('is lines elsewhere: the first and the last of a phase, and one every 5 s', () => {
    const file = terminal(false);
    let now = 0;
    const onProgress = progressOn(file, () => now);
    for (let done = 1; done <= 10; done++) {
      now = done * 1_000;
      onProgress('compare', done, 10);
    }
    expect(file.written).toEqual([1, 6, 10].map((done) => `compare: ${done} of 10 rows compared\n`));
  });
});
