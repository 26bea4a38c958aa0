const shapes = {
  check: 'M3.5 8.5 6.500 11.500 12.500 4.500',
  cross: 'M4 4l8 8M12 4l-8 8',
  undo: 'M6.500 4 3 7.500l3.500 3.500M3.500 7.500h6a3.500 3.500 0 0 1 0 7H8',
  dots: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM11 11l3.500 3.500',
  clock: 'M8 14.500A6.500 6.500 0 1 0 8 1.500a6.500 6.500 0 0 0 0 13ZM8 4.500V8l2.500 1.500',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7Z',
  auto: 'M8 14.500A6.500 6.500 0 1 0 8 1.500a6.500 6.500 0 0 0 0 13ZM8 1.500v13M8 4h4.500M8 7h6.300M8 10h6M8 13h3.500',
  keyboard: 'M2 4h12v8H2ZM4.500 6.500h.01M7 6.500h.01M9.500 6.500h.01M11.800 6.500h.01M5 9.500h6',
  link: 'M6.500 9.500l3-3M7 4.500l1.500-1.500a3 3 0 0 1 4.500 4.500L11.500 9M9 11.500 7.500 13A3 3 0 0 1 3 8.500L4.500 7',
  out: 'M9.500 2.500h4v4M13.500 2.500 7.500 8.500M6.500 3.500h-4v10h10v-4',
  play: 'M5 3.500v9l7-4.500Z',
  pause: 'M5 3.500v9M11 3.500v9',
  back: 'M10 3 5 8l5 5',
  forward: 'M6 3l5 5-5 5',
  person: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.500 14a5.500 5.500 0 0 1 11 0',
  plus: 'M8 3v10M3 8h10',
  warning: 'M8 2 15 14H1ZM8 6.500V9.500M8 11.800h.01',
} as const;

export type IconName = keyof typeof shapes;

/** A drawing without words: what it means stands beside it, or in the label of its button. */
export const Icon = ({ name, size = 16 }: { name: IconName; size?: number }) => (
  <svg
    aria-hidden="true"
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.6"
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    <path d={shapes[name]} />
  </svg>
);
