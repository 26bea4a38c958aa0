import { describe, expect, it } from '@jest/globals';
import { ignoreShellVariables, shellVariablesLine } from './shell-variables.js';

describe('PG* variables of the shell', () => {
  it('are removed and named, and others stay', () => {
    const env = { PGSSLMODE: 'require', PGHOST: 'elsewhere', PATH: '/bin', PGDATA: '/data' };
    const names = ignoreShellVariables(env);
    expect(env).toEqual({ PATH: '/bin', PGDATA: '/data' });
    expect(names).toEqual(expect.arrayContaining(['PGSSLMODE', 'PGHOST']));
    expect(ignoreShellVariables({})).toEqual(names);
  });

  it('lead to one line, and none where there are none', () => {
    expect(shellVariablesLine(['PGHOST', 'PGSSLMODE'])).toMatch(/^PGHOST, PGSSLMODE: set, and not used; [^\n]*$/);
    expect(shellVariablesLine([])).toBeUndefined();
  });
});
