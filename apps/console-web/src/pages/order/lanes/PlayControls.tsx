import { useEffect, useState } from 'react';
import { useShortcuts } from '../../../shell/keys.js';
import { Button } from '../../../ui/parts.js';
import css from './Lanes.module.css';

interface Props {
  readonly instants: readonly string[];
  readonly count: number;
  readonly index: number;
  readonly onTime: (index: number) => void;
}

// Played in its own time, a saga would be over in a blink or last a minute.
const SHORTEST_MS = 450;
const LONGEST_MS = 1400;

/** Steps and plays through the instants of the order. */
export function PlayControls({ instants, count, index, onTime }: Props) {
  const [isPlaying, setPlaying] = useState(false);
  const isAtEnd = index >= count - 1;
  const play = (): void => {
    if (!isPlaying && isAtEnd) onTime(0);
    setPlaying(!isPlaying);
  };
  useShortcuts([{ keys: ' ', says: 'play or pause', run: play }]);
  useEffect(() => {
    if (!isPlaying) return undefined;
    if (isAtEnd) {
      setPlaying(false);
      return undefined;
    }
    const gap = Date.parse(instants[index + 1] ?? '') - Date.parse(instants[index] ?? '');
    const wait = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, gap || 0));
    const timer = setTimeout(() => onTime(index + 1), wait);
    return () => clearTimeout(timer);
  });
  return (
    <div className={css.foot}>
      <Button
        look="quiet"
        icon="back"
        aria-label="One event back"
        disabled={index <= 0}
        onClick={() => onTime(index - 1)}
      />
      <Button
        look="quiet"
        icon={isPlaying ? 'pause' : 'play'}
        aria-label={isPlaying ? 'Pause' : 'Play'}
        onClick={play}
      />
      <Button
        look="quiet"
        icon="forward"
        aria-label="One event on"
        disabled={isAtEnd}
        onClick={() => onTime(index + 1)}
      />
    </div>
  );
}
