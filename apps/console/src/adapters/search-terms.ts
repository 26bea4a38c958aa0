import type { Term } from '../domain/terms.js';

/** A row of `search_terms`. */
export type TermRow = Term & { readonly position: string; readonly subject: string };

/** Adds the JSON of rows in `$1`. @param table another one than the live table while it is rebuilt */
export const saveTerms = (table = 'search_terms'): string => `
  INSERT INTO ${table} (kind, term, position, subject)
  SELECT kind, term, position, subject FROM jsonb_to_recordset($1::jsonb)
         AS t(kind text, term text, position bigint, subject text) ON CONFLICT DO NOTHING`;
