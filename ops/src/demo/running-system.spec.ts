import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startTimeOf } from '@orderflow/local';
import { findRunning, forgetRunning, noteRunning, type RunningSystem } from './running-system.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'running-system-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const system: RunningSystem = {
  pid: process.pid,
  startTime: startTimeOf(process.pid) ?? '',
  databaseUrl: 'postgres://127.0.0.1:5432',
  databasePrefix: '',
  kafkaBrokers: '127.0.0.1:9092',
  schemaRegistryUrl: 'http://127.0.0.1:8081',
  topicPrefix: '',
  orderDeadlineSeconds: 10,
  urls: {} as RunningSystem['urls'],
  pids: { orders: 1 },
};

it('a system is found while it is noted, and its process runs', () => {
  expect(findRunning(folder)).toBeUndefined();
  noteRunning(system, folder);
  expect(findRunning(folder)).toEqual(system);
  noteRunning({ ...system, startTime: 'of an earlier process' }, folder);
  expect(findRunning(folder)).toBeUndefined();
  forgetRunning(folder);
  expect([findRunning(folder), readdirSync(folder)]).toEqual([undefined, []]);
});

it('a program that reads the note while it changes finds the one before, as a whole', () => {
  noteRunning(system, folder);
  const reader = openSync(join(folder, 'run.json'), 'r');
  noteRunning({ ...system, pids: { orders: 2 } }, folder);
  expect(JSON.parse(readFileSync(reader, 'utf8'))).toEqual(system);
  closeSync(reader);
});

it('only its owner reads the passwords in it', () => {
  noteRunning(system, folder);
  expect(statSync(join(folder, 'run.json')).mode & 0o077).toBe(0);
});
