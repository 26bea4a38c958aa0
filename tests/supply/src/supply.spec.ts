import { describe, expect, it } from '@jest/globals';
import { faultsOfAudit } from './advisories.ts';
import { faultsOf, type LockedPackage } from './lock.ts';

const integrity = `sha512-${'a'.repeat(86)}==`;
const good: LockedPackage = { version: '1.2.3', integrity, license: 'MIT' };
const faults = (change: LockedPackage, allowScripts = {}) =>
  faultsOf({ 'node_modules/tea': { ...good, ...change } }, allowScripts).map((line) => line.split(': ')[1]);

describe('the lockfile', () => {
  it('has nothing to say about a package of the registry', () => {
    expect(faults({ resolved: 'https://registry.npmjs.org/tea/-/tea-1.2.3.tgz' })).toEqual([]);
    expect(faultsOf({ '': {}, 'libs/http': {}, 'node_modules/@orderflow/http': { link: true } }, {})).toEqual([]);
  });

  it.each<[string, LockedPackage]>([
    ['from a git repository', { resolved: 'git+ssh://git@github.com/tea/tea.git#abc' }],
    ['from another host', { resolved: 'https://tea.example/tea-1.2.3.tgz' }],
    ['from a folder', { resolved: 'file:../tea' }],
    ['without a release', { version: 'main' }],
    ['with a weak hash', { integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    ['with a licence that is not on the list', { license: 'AGPL-3.0-only' }],
    ['with a licence of which one part is not on the list', { license: 'MIT AND GPL-3.0' }],
    ['with an install script that nobody has decided about', { hasInstallScript: true }],
  ])('refuses a package %s', (_name, change) => {
    expect(faults(change)).toHaveLength(1);
  });

  it('refuses a package without integrity or licence, unless it is the build of another platform', () => {
    const { version } = good;
    const of = (locked: LockedPackage) => faultsOf({ 'node_modules/tea': locked }, {});
    expect(of({ version: version! })).toHaveLength(2);
    expect(of({ version: version!, optional: true, os: ['win32'] })).toEqual([]);
  });

  it('accepts alternatives of which one is on the list, and scripts that are allowed or denied', () => {
    expect(faults({ license: '(GPL-3.0 OR MIT)' })).toEqual([]);
    expect(faults({ hasInstallScript: true }, { tea: false })).toEqual([]);
  });
});

describe('the audit', () => {
  const via = [{ url: 'https://github.com/advisories/GHSA-1', title: 'Tea leaks' }];
  const report = { vulnerabilities: { tea: { via }, cup: { via: ['tea'] } } };
  const accepted = { id: 'GHSA-1', reason: 'no tea is made', until: '2026-12-31' };

  it('names a finding once, unless it is accepted', () => {
    expect(faultsOfAudit(report, [], '2026-11-30')).toEqual(['tea: Tea leaks, https://github.com/advisories/GHSA-1']);
    expect(faultsOfAudit(report, [accepted], '2026-12-31')).toEqual([]);
  });

  it('names an acceptance whose day is over, and one without a finding', () => {
    expect(faultsOfAudit(report, [accepted], '2027-01-01')).toEqual(['GHSA-1 was accepted until 2026-12-31']);
    expect(faultsOfAudit({}, [accepted], '2026-11-30')).toEqual(['GHSA-1 is accepted, and no longer found']);
  });
});
