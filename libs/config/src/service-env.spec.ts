import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parseConfig } from './parse-config.js';
import { corsEnv, edgeEnv, edgeOf } from './service-env.js';

describe('the origins whose pages may read the answers', () => {
  const env = { CORS_ORIGINS: 'https://shop.example' };

  it('are none by default', () => {
    expect(edgeOf(parseConfig(z.object({ ...edgeEnv, ...corsEnv }), {})).allowedOrigins).toEqual([]);
  });

  it('are those of the setting in a program that has it, and none in any other', () => {
    const origins = [edgeEnv, { ...edgeEnv, ...corsEnv }].map(
      (variables) => edgeOf(parseConfig(z.object(variables), env)).allowedOrigins,
    );
    expect(origins).toEqual([[], ['https://shop.example']]);
  });
});
