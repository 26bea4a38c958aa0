import type { InputHTMLAttributes, RefObject } from 'react';
import css from './Form.module.css';

interface Props extends Pick<InputHTMLAttributes<HTMLInputElement>, 'type' | 'autoComplete' | 'aria-describedby'> {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isOptional?: boolean;
  /** Why the value is refused; it stands below the field. */
  readonly refusal?: string | undefined;
  /** Its value is refused, and why stands elsewhere. */
  readonly isRefused?: boolean;
  readonly maxLength?: number;
  readonly ref?: RefObject<HTMLInputElement | null>;
}

/** A field with its label. Of a number, the least value is 1. */
export function Field({ label, onChange, type = 'text', isOptional = false, refusal, isRefused, ...rest }: Props) {
  return (
    <label>
      {label}
      <input
        required={!isOptional}
        type={type}
        {...(type === 'number' && { min: 1, step: 1 })}
        {...rest}
        aria-invalid={isRefused ?? refusal !== undefined}
        onChange={({ target }) => onChange(target.value)}
      />
      {refusal && <span className={css.refused}>{refusal}</span>}
    </label>
  );
}
