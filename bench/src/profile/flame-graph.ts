import { type CpuProfile, isLeftOut, packageOf, type ProfileNode, selfTimes } from './cpu-profile.ts';

const [WIDTH, ROW, TOP] = [1_200, 16, 40];
/** Narrower ones cannot be seen. */
const LEAST_WIDTH = 0.5;
const WIDTH_OF_CHARACTER = 6.5;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** One colour for each package, the same in every graph. */
function colourOf(name: string): string {
  const hash = Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 360, 7);
  return `hsl(${hash}, 55%, 72%)`;
}

interface Frame {
  readonly node: ProfileNode;
  readonly depth: number;
  readonly x: number;
  readonly ms: number;
}

/** The frames of a profile, without those that are left out: each as wide as the time in it and in what it calls. */
function framesOf(profile: CpuProfile): { frames: Frame[]; totalMs: number } {
  const self = selfTimes(profile);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const totals = new Map<number, number>();
  const childrenOf = (node: ProfileNode) => (node.children ?? []).map((id) => byId.get(id)!);
  const totalOf = (node: ProfileNode): number => {
    const own = isLeftOut(node) ? 0 : (self.get(node.id) ?? 0);
    const ms = childrenOf(node).reduce((sum, child) => sum + totalOf(child), own);
    totals.set(node.id, ms);
    return ms;
  };
  const root = profile.nodes[0]!;
  const totalMs = totalOf(root);
  const scale = WIDTH / totalMs;
  const frames: Frame[] = [];
  const place = (node: ProfileNode, depth: number, left: number): void => {
    let x = left;
    for (const child of childrenOf(node)) {
      const ms = totals.get(child.id)!;
      if (ms * scale >= LEAST_WIDTH) {
        frames.push({ node: child, depth, x, ms });
        place(child, depth + 1, x);
      }
      x += ms * scale;
    }
  };
  place(root, 0, 0);
  return { frames, totalMs };
}

/** A CPU profile as an SVG document: callers above, a colour for each package, titles with milliseconds and the place in the code. */
export function flameGraphOf(title: string, profile: CpuProfile): string {
  const { frames, totalMs } = framesOf(profile);
  const height = TOP + (Math.max(0, ...frames.map(({ depth }) => depth)) + 1) * ROW;
  const drawn = frames.map(({ node, depth, x, ms }) => {
    const { functionName, url, lineNumber } = node.callFrame;
    const [name, width] = [functionName || '(anonymous)', (ms / totalMs) * WIDTH];
    const place = url === '' ? '' : ` ${url.split('/node_modules/').at(-1)}:${lineNumber + 1}`;
    const hint = escaped(`${name} ${ms.toFixed(1)} ms, ${((ms / totalMs) * 100).toFixed(1)} %${place}`);
    const y = TOP + depth * ROW;
    const text = name.slice(0, Math.floor(width / WIDTH_OF_CHARACTER));
    const label = text.length < 3 ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escaped(text)}</text>`;
    return `<g><title>${hint}</title><rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colourOf(packageOf(node))}"/>${label}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="24" font-size="16">${escaped(title)}, ${totalMs.toFixed(0)} ms busy</text>
${drawn.join('\n')}
</svg>
`;
}
