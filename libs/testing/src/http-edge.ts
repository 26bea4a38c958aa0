import { Logger, type ModuleMetadata } from '@nestjs/common';
import type { Authentication } from '@orderflow/auth';
import { createHttpApp } from '@orderflow/http';

export interface HttpAnswer<Body> {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Body;
}

export interface HttpEdge {
  request<Body = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    payload?: object,
    headers?: Record<string, string | string[]>,
  ): Promise<HttpAnswer<Body>>;
  /** Also shuts its providers down. */
  close(): Promise<void>;
}

/** The HTTP edge of a service without a port and without logs: these controllers on these providers. */
export async function httpEdge(
  service: string,
  parts: ModuleMetadata,
  auth: Authentication = 'off',
): Promise<HttpEdge> {
  Logger.overrideLogger(false);
  const app = await createHttpApp({ module: class Edge {}, ...parts }, { service, auth, closeGraceMs: 100 });
  await app.init();
  return {
    request: async (method, url, payload, headers = {}) => {
      const {
        statusCode,
        headers: answered,
        ...answer
      } = await app.inject({ method, url, headers, ...(payload && { payload }) });
      return { status: statusCode, headers: answered, body: answer.json() };
    },
    close: () => app.close(),
  };
}
