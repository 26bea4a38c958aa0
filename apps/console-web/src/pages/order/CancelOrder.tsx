import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { post, Problem } from '../../api/client.js';
import { PAST } from '../../session/refusals.js';
import { Actions, Button, Dialog, Note } from '../../ui/parts.js';

interface Props {
  readonly orderId: string;
  readonly status: string | undefined;
  readonly isPast: boolean;
}

/** Asks before it cancels; whether it still can be cancelled is decided by orders. */
export function CancelOrder({ orderId, status, isPast }: Props) {
  const [isOpen, setOpen] = useState(false);
  const isOver = status !== 'placed';
  const why = isPast ? PAST : isOver ? 'The order is over.' : undefined;
  return (
    <>
      <Button disabled={why !== undefined} title={why} onClick={() => setOpen(true)}>
        Cancel the order
      </Button>
      {isOpen && <CancelDialog orderId={orderId} onClose={() => setOpen(false)} />}
    </>
  );
}

function CancelDialog({ orderId, onClose }: { orderId: string; onClose: () => void }) {
  const cancel = useMutation({
    mutationFn: async () => post(`/api/orders/${encodeURIComponent(orderId)}/cancel`),
    onSuccess: onClose,
  });
  return (
    <Dialog title="Cancel this order?" onClose={onClose}>
      <p>
        Orders decides at once. Inventory then releases what it holds, payments refunds what it charged, and the
        customer is told. This cannot be taken back.
      </p>
      {cancel.error && (
        <Note tone="bad">
          <p>{refusalOf(cancel.error)}</p>
        </Note>
      )}
      <Actions>
        <Button look="primary" disabled={cancel.isPending} onClick={() => cancel.mutate()}>
          {cancel.isPending ? 'Sent, not answered yet' : 'Cancel the order'}
        </Button>
        <Button onClick={onClose}>Keep it</Button>
      </Actions>
    </Dialog>
  );
}

const refusalOf = (error: Error): string =>
  error instanceof Problem && error.status === 409 ? `Too late: ${error.message}` : error.message;
