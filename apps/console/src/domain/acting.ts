/** In whose name the console calls a service. Without AUTH there is no token, and the name is believed. */
export interface Acting {
  readonly operator: string;
  readonly token: string | undefined;
}

/** The header with which a service is called in the name of a token's owner; none where there is no token. */
export const bearer = (token: string | undefined): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };
