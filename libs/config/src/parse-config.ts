import type { z } from 'zod';
import { ConfigError } from './errors.js';

/**
 * Reads a service's settings from environment variables, once, before anything else starts.
 * A variable that is set to nothing (`PORT=`) counts as not set; variables the schema does not name are left alone.
 *
 * @param schema a zod object whose keys are names of environment variables
 * @returns the schema's output
 * @throws ConfigError that names every bad key, a line each; values are never repeated, since they may be secrets
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  env: Record<string, string | undefined> = process.env,
): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigError(linesOf(result.error.issues, given).join('\n'));
}

function linesOf(issues: readonly z.core.$ZodIssue[], given: Record<string, unknown>): string[] {
  const firstPerKey = new Map<string, string>();
  for (const issue of issues) {
    const key = issue.path.length > 0 ? String(issue.path[0]) : 'environment';
    if (!firstPerKey.has(key)) firstPerKey.set(key, sentenceOf(issue, key, given));
  }
  return [...firstPerKey.values()];
}

function sentenceOf(issue: z.core.$ZodIssue, key: string, given: Record<string, unknown>): string {
  // The pieces of this library say in their own message how to mend it, after a semicolon.
  const says = issue.message.includes(';') ? issue.message : `${issue.message}; see .env.example`;
  const isMissing = issue.path.length > 0 && !(key in given);
  return isMissing ? `${key} is not set: ${says}` : `${key} is not valid: ${says}`;
}
