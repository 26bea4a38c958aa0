/** The token that a command of an operator sends with its requests. */
import { userInfo } from 'node:os';
import { signToken, type TokenClaims, tokenKeyIn } from '@orderflow/local';
import { dataFolder, findRunning } from './demo/running-system.ts';

/** For the usage of a command. */
export const tokenUsage = `  --token TOKEN   for a system that asks for one, by default ORDERFLOW_TOKEN; for the one of \`npm start\` a token is
                  made (orderflow token --help)`;

// Longer than any command runs.
const MINUTES = 24 * 60;

interface Asked {
  /** That of the command line. */
  readonly token?: string | undefined;
  /** The orders service of the command line; without it, the command asks the system of `npm start`. */
  readonly url?: string | undefined;
  /** The least role that the command needs. */
  readonly role: TokenClaims['role'];
  /** The name in the log of actions, by default the login. */
  readonly as?: string | undefined;
}

/** The login, or the number of the user where the system has no name for it, as in some containers. */
export function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

/**
 * The token of a command: the one that it was given, else one that is signed here where the system of `npm start` asks for tokens and
 * has made the keys itself.
 * @returns undefined where there is none: then a system that asks for one refuses the requests
 */
export async function tokenOf({ token, url, role, as }: Asked): Promise<string | undefined> {
  const given = token ?? process.env['ORDERFLOW_TOKEN'];
  if (given) return given;
  if (url !== undefined || findRunning()?.tokensBy !== 'orderflow') return undefined;
  return signToken(await tokenKeyIn(dataFolder), { subject: as ?? loginName(), role, minutes: MINUTES });
}
