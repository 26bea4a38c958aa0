import { describe, expect, it } from '@jest/globals';
import { mainVersion } from './java.js';

describe('the main version of a Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_392"', 8],
    ['openjdk version "26-ea" 2026-03-17', 26],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21" 2023-09-19', 21],
  ])('is read from %j', (output, version) => {
    expect(mainVersion(output)).toBe(version);
  });

  it('is unknown in other output', () => {
    expect(mainVersion('command not found')).toBeUndefined();
  });
});
