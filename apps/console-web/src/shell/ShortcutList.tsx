import { useStore } from '../live/store.js';
import { Dialog } from '../ui/parts.js';
import { shortcuts } from './keys.js';
import { singleKeys } from './settings.js';
import css from './Shell.module.css';

const symbols: Record<string, string> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ' ': 'Space',
};

export function ShortcutList({ onClose }: { onClose: () => void }) {
  const list = useStore(shortcuts);
  const keys = useStore(singleKeys);
  return (
    <Dialog title="Shortcuts on this page" onClose={onClose}>
      <dl className={css.keys}>
        {list.toReversed().map(({ keys: name, says }) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>
              {(name === ' ' ? [' '] : name.split(/[ +]/)).map((key) => (
                <kbd key={key}>{symbols[key] ?? key}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <label className={css.switch}>
        <input
          type="checkbox"
          checked={keys === 'on'}
          onChange={({ target }) => singleKeys.set(target.checked ? 'on' : 'off')}
        />
        Single keys are shortcuts (switch them off where you speak to your computer)
      </label>
    </Dialog>
  );
}
