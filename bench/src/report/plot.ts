import type { Figures } from '../figures.ts';

/** One bar: a system and a workload. */
export interface Bar {
  readonly name: string;
  /** With `CPU ms an order: <process>`; medians over the rounds. */
  readonly figures: Figures;
}

const PART = 'CPU ms an order: ';
/** It is no part of what an order costs. */
const LOAD = 'the load itself';
const COLOURS = ['#0b6e99', '#3fa796', '#f2b134', '#e4572e', '#8d6a9f', '#5c6b73', '#9aa5ab', '#c9ced1'];
const [LEFT, WIDTH, BAR, GAP, TOP] = [220, 520, 22, 12, 56];

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y}" ${more}>${escaped(words)}</text>`;

const partsOf = ({ figures }: Bar): [name: string, ms: number][] =>
  Object.entries(figures)
    .filter(([name]) => name.startsWith(PART) && !name.endsWith(LOAD))
    .map(([name, ms]) => [name.slice(PART.length), ms]);

/** What an order costs, as an SVG document: a bar for each system and workload, a colour for each process. */
export function plotOf(bars: readonly Bar[]): string {
  const names = [...new Set(bars.flatMap((bar) => partsOf(bar).map(([name]) => name)))];
  const colourOf = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length]!;
  const totalOf = (bar: Bar) => partsOf(bar).reduce((sum, [, ms]) => sum + ms, 0);
  const most = Math.max(...bars.map(totalOf));
  const drawn = bars.map((bar, index) => {
    const y = TOP + index * (BAR + GAP);
    let x = LEFT;
    const parts = partsOf(bar).map(([name, ms]) => {
      const width = (ms / most) * WIDTH;
      const title = `<title>${escaped(name)} ${ms.toFixed(2)} ms</title>`;
      const part = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colourOf(name)}">${title}</rect>`;
      x += width;
      return part;
    });
    const label = text(LEFT - 8, y + 15, bar.name, 'text-anchor="end"');
    return [label, ...parts, text(x + 6, y + 15, `${totalOf(bar).toFixed(1)} ms`)].join('');
  });
  const legend = names.map((name, index) => {
    const [x, y] = [8 + (index % 8) * 98, TOP + bars.length * (BAR + GAP) + 8];
    return `<rect x="${x}" y="${y}" width="10" height="10" fill="${colourOf(name)}"/>${text(x + 14, y + 9, name)}`;
  });
  const [width, height] = [LEFT + WIDTH + 80, TOP + bars.length * (BAR + GAP) + 32];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${text(8, 24, 'CPU time of an order, all processes', 'font-size="16"')}
${[...drawn, ...legend].join('\n')}
</svg>
`;
}
