import { describe, expect, it } from '@jest/globals';
import { GroupWriter } from './group-writer.js';

describe('GroupWriter', () => {
  const recorded = (most?: number) => {
    const groups: number[][] = [];
    const writer = new GroupWriter<number, string>(async (items) => {
      groups.push([...items]);
      await new Promise(setImmediate);
      if (items.includes(13)) throw new Error('refused');
      return items.map(String);
    }, most);
    return { groups, writer };
  };

  it('writes concurrent items with one statement, and gives each its own result', async () => {
    const { groups, writer } = recorded();
    expect(await Promise.all([1, 2, 3].map((item) => writer.add(item)))).toEqual(['1', '2', '3']);
    expect(groups).toEqual([[1, 2, 3]]);
  });

  it('collects the items that arrive while a statement runs', async () => {
    const { groups, writer } = recorded();
    const first = writer.add(1);
    await new Promise(setImmediate);
    await Promise.all([first, writer.add(2), writer.add(3)]);
    expect(groups).toEqual([[1], [2, 3]]);
  });

  it('limits the size of a group', async () => {
    const { groups, writer } = recorded(2);
    await Promise.all([1, 2, 3].map((item) => writer.add(item)));
    expect(groups).toEqual([[1, 2], [3]]);
  });

  it('rejects all items of a failed group, and continues', async () => {
    const { writer } = recorded();
    const results = await Promise.allSettled([writer.add(12), writer.add(13)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await writer.add(14)).toBe('14');
  });
});
