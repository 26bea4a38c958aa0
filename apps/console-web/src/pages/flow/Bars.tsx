import css from './Flow.module.css';

const HEIGHT = 16;
const STEP = 5;

/** The last minute in equal parts, the newest at the right. Its figure stands beside it. */
export function Bars({ bars }: { bars: readonly number[] }) {
  const most = Math.max(1, ...bars);
  return (
    <svg className={css.bars} width={bars.length * STEP} height={HEIGHT} aria-hidden="true">
      {bars.map((bar, index) => {
        const height = bar === 0 ? 1 : Math.max(3, (bar / most) * HEIGHT);
        return <rect key={index} x={index * STEP} y={HEIGHT - height} width={STEP - 1.5} height={height} rx={1} />;
      })}
    </svg>
  );
}
