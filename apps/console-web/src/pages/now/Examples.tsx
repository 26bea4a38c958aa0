import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { post } from '../../api/client.js';
import { MiniStory } from '../../ui/MiniStory.js';
import { Note } from '../../ui/parts.js';
import css from './Now.module.css';
import { type Example, examples } from './examples.js';

/** The first minute of a newcomer: click, and watch the lanes fill. */
export function Examples({ isPast }: { isPast: boolean }) {
  const navigate = useNavigate();
  const placing = useMutation({
    mutationFn: async ({ name }: Example) => post<{ orderId: string }>(`/api/examples/${name}`),
    onSuccess: ({ orderId }) => void navigate({ to: '/orders/$orderId', params: { orderId }, search: {} }),
  });
  return (
    <>
      <ul className={css.examples}>
        {examples.map((example) => (
          <li key={example.name}>
            <button
              type="button"
              className={css.example}
              disabled={isPast || placing.isPending}
              onClick={() => placing.mutate(example)}
            >
              <b>… {example.words}</b>
              <small>
                {placing.isPending && placing.variables === example ? 'Sent, not answered yet' : example.about}
              </small>
              <MiniStory told={example.told} waitsFor={null} />
            </button>
          </li>
        ))}
      </ul>
      {placing.error && (
        <div style={{ marginTop: 12 }}>
          <Note tone="bad">
            <p>
              <strong>The order was not placed.</strong> {placing.error.message}
            </p>
          </Note>
        </div>
      )}
    </>
  );
}
