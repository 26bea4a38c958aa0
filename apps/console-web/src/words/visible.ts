// Line breaks and tabs are layout; every other character that is not seen, or that turns the direction of the text, is named.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
const LAYOUT = new Set(['\n', '\t']);

/** A text of unknown origin in which nothing is hidden: `U+202E` in brackets stands for such a character. */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (character) =>
    LAYOUT.has(character)
      ? character
      : `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
  );
