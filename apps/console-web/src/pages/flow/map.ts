import type { Flow } from '@orderflow/console-api';

/** A place on the map. */
export interface Node {
  /** `service:orders`, `topic:orders.events`, `group:orders.views`: also in the URL of the page. */
  readonly id: string;
  readonly name: string;
  /** The program whose colour it has. */
  readonly program: string;
  /** Centre, in pixels from above. */
  readonly y: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The topic that flows there. */
  readonly topic: string;
  /** The program whose colour it has: the publisher. */
  readonly program: string;
  readonly path: string;
}

export interface FlowLayout {
  readonly height: number;
  readonly producers: readonly Node[];
  readonly topics: readonly Node[];
  readonly groups: readonly Node[];
  readonly edges: readonly Edge[];
}

const ROW = 84;

/** Columns in per cent of the width: from where to where. */
export const COLUMNS = { producers: [0, 27], topics: [36.5, 63.5], groups: [73, 100] } as const;

/**
 * Three columns: services publish to topics, groups read them. Each column is spread over the whole height, in the order of the
 * answer, so that the same saga always has the same map.
 */
export function layoutOf({ producers, topics, groups }: Flow): FlowLayout {
  const height = Math.max(producers.length, topics.length, groups.length) * ROW;
  const yOf = (index: number, count: number): number => Math.round((height / count) * (index + 0.5));
  const column = (names: readonly { id: string; name: string; program: string }[]): Node[] =>
    names.map((it, index) => ({ ...it, y: yOf(index, names.length) }));
  const ownerOf = (topic: string): string => producers.find((it) => it.topics.includes(topic))?.service ?? '';
  const laid = {
    producers: column(producers.map(({ service }) => ({ id: `service:${service}`, name: service, program: service }))),
    topics: column(topics.map(({ topic }) => ({ id: `topic:${topic}`, name: topic, program: ownerOf(topic) }))),
    groups: column(groups.map(({ group, program }) => ({ id: `group:${group}`, name: group, program }))),
  };
  const edges = laid.topics.flatMap((topic): Edge[] => {
    const { name, program } = topic;
    const about = { topic: name, program };
    const from = laid.producers.filter((_, index) => producers[index]!.topics.includes(name));
    const to = laid.groups.filter((_, index) => groups[index]!.topics.includes(name));
    return [
      ...from.map((it) => ({
        ...about,
        from: it.id,
        to: topic.id,
        path: curve(COLUMNS.producers[1], it.y, COLUMNS.topics[0], topic.y),
      })),
      ...to.map((it) => ({
        ...about,
        from: topic.id,
        to: it.id,
        path: curve(COLUMNS.topics[1], topic.y, COLUMNS.groups[0], it.y),
      })),
    ];
  });
  return { height, ...laid, edges };
}

function curve(x1: number, y1: number, x2: number, y2: number): string {
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

/** The nodes in the order of the keys: column after column. */
export const nodesOf = ({ producers, topics, groups }: FlowLayout): readonly Node[] => [
  ...producers,
  ...topics,
  ...groups,
];

/** Width of a line in pixels: the rate of a busy shop is a hundred times that of a quiet one. */
export const widthOf = (perSecond: number): number => 1.25 + 0.55 * Math.log2(1 + perSecond);
