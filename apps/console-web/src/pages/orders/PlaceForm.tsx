import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Problem } from '../../api/client.js';
import { Field } from '../../ui/Field.js';
import form from '../../ui/Form.module.css';
import { Actions, Button, Dialog, Note } from '../../ui/parts.js';
import css from './Orders.module.css';
import { place, tokens, type Wish } from './place.js';

type Line = Wish['lines'][number];

const nothing: Wish = {
  customerId: '',
  email: '',
  currency: 'EUR',
  paymentToken: 'tok_visa',
  lines: [{ sku: '', quantity: 1 }],
};

/** Places an order and goes to its page. What is known of the request is said in words, never by a wheel that turns. */
export function PlaceForm({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [wish, setWish] = useState(nothing);
  // One key for each wish: sending the same again never places a second order.
  const key = useRef(crypto.randomUUID());
  const stop = useRef(new AbortController());
  const [isUnknown, setUnknown] = useState(false);
  const order = useMutation({
    mutationFn: async (it: Wish) => place(it, key.current, () => setUnknown(true), stop.current.signal),
    onSuccess: ({ orderId }) => void navigate({ to: '/orders/$orderId', params: { orderId }, search: {} }),
    onSettled: () => setUnknown(false),
  });
  useEffect(() => () => stop.current.abort(), []);

  const change = (part: Partial<Wish>): void => {
    key.current = crypto.randomUUID();
    setWish({ ...wish, ...part });
  };
  const changeLine = (index: number, part: Partial<Line>): void =>
    change({ lines: wish.lines.map((line, at) => (at === index ? { ...line, ...part } : line)) });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    stop.current = new AbortController();
    order.mutate(wish);
  };
  const errors = order.error instanceof Problem ? order.error.errors : [];
  const refusalOf = (field: string): string | undefined => errors.find((it) => it.field.startsWith(field))?.message;
  return (
    <Dialog title="Place an order" onClose={onClose}>
      <form className={form.form} onSubmit={submit}>
        <div className={form.pair}>
          <Field
            label="Customer"
            value={wish.customerId}
            refusal={refusalOf('customerId')}
            onChange={(customerId) => change({ customerId })}
          />
          <Field
            label="E-mail"
            type="email"
            value={wish.email}
            refusal={refusalOf('email')}
            onChange={(email) => change({ email })}
          />
        </div>
        <fieldset>
          <legend>Lines</legend>
          {wish.lines.map((line, index) => (
            <div key={index} className={css.line}>
              <input
                required
                aria-label={`Product of line ${index + 1}`}
                placeholder="espresso-beans"
                value={line.sku}
                aria-invalid={refusalOf(`lines[${index}]`) !== undefined}
                onChange={({ target }) => changeLine(index, { sku: target.value })}
              />
              <input
                required
                type="number"
                min={1}
                max={1_000_000}
                aria-label={`Quantity of line ${index + 1}`}
                value={line.quantity}
                onChange={({ target }) => changeLine(index, { quantity: target.valueAsNumber || 1 })}
              />
              <Button
                look="quiet"
                icon="cross"
                aria-label={`Remove line ${index + 1}`}
                disabled={wish.lines.length === 1}
                onClick={() => change({ lines: wish.lines.filter((_, at) => at !== index) })}
              />
            </div>
          ))}
          {refusalOf('lines') && <span className={form.refused}>{refusalOf('lines')}</span>}
          <div>
            <Button icon="plus" onClick={() => change({ lines: [...wish.lines, { sku: '', quantity: 1 }] })}>
              Add a line
            </Button>
          </div>
        </fieldset>
        <div className={form.pair}>
          <Field
            label="Currency"
            value={wish.currency}
            refusal={refusalOf('currency')}
            onChange={(currency) => change({ currency })}
          />
          <label>
            Payment
            <select value={wish.paymentToken} onChange={({ target }) => change({ paymentToken: target.value })}>
              {tokens.map(([token, does]) => (
                <option key={token} value={token}>
                  {token}: {does}
                </option>
              ))}
            </select>
          </label>
        </div>
        {order.error && order.error.name !== 'AbortError' && errors.length === 0 && (
          <Note tone="bad">
            <p>{order.error.message}</p>
          </Note>
        )}
        {isUnknown && (
          <Note tone="wait">
            <p>Whether it was placed is not known. Asking again with the same key: a second order cannot come of it.</p>
            <Actions>
              <Button onClick={() => stop.current.abort()}>Stop asking</Button>
            </Actions>
          </Note>
        )}
        <Actions>
          <Button type="submit" look="primary" disabled={order.isPending}>
            {order.isPending ? 'Sent, not answered yet' : 'Place it'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  );
}
