import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** A file system of its own with a limited size, which a test fills. */
export class LimitedDisk {
  private constructor(readonly path: string) {}

  /** @returns undefined where this user may not mount a file system; a line says so */
  static mount(path: string, mib: number): LimitedDisk | undefined {
    mkdirSync(path, { recursive: true });
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=755`, 'tmpfs', path]);
    if (status === 0) return new LimitedDisk(path);
    console.log('Not checked: a full disk. Mounting a file system of a limited size needs root on Linux.');
    return undefined;
  }

  /** Takes all space that is left. */
  fill(): void {
    const file = openSync(this.ballast, 'a');
    for (const size of [MIB, 4096]) fillBy(file, size);
    closeSync(file);
  }

  /** Gives the space back. */
  free(): void {
    rmSync(this.ballast, { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['--lazy', this.path]);
  }

  private get ballast(): string {
    return join(this.path, 'ballast');
  }
}

function fillBy(file: number, size: number): void {
  const zeros = Buffer.alloc(size);
  try {
    while (writeSync(file, zeros) === size);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
