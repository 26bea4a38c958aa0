import { describe, expect, it } from '@jest/globals';
import { visible } from './visible.js';

describe('a text of unknown origin', () => {
  it.each([
    ['{\n\t"a": "Grüße, 東京 🍵"\n}', '{\n\t"a": "Grüße, 東京 🍵"\n}'],
    ['<b>bold</b>', '<b>bold</b>'],
    ['a\u0000b\u001b[31m', 'a⟨U+0000⟩b⟨U+001B⟩[31m'],
    ['abc\u202edcba\u2066', 'abc⟨U+202E⟩dcba⟨U+2066⟩'],
    ['zero\u200bwidth\ufeff', 'zero⟨U+200B⟩width⟨U+FEFF⟩'],
    ['half \ud83c', 'half ⟨U+D83C⟩'],
    ['line\u2028end\r', 'line⟨U+2028⟩end⟨U+000D⟩'],
  ])('%j is shown as %j', (text, shown) => {
    expect(visible(text)).toBe(shown);
  });
});
