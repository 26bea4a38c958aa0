// With fewer records left, the rest is read at the switch, while the live writer waits.
const FEW_RECORDS = 2_000;

/**
 * Reads until few records are left, or no fewer than the time before: then as many come as are read, and the number never falls.
 * @param readOnce reads all that there are. @returns how many there were
 */
export async function readOn(readOnce: () => Promise<number>): Promise<void> {
  for (let before = Infinity; ;) {
    const read = await readOnce();
    if (read <= FEW_RECORDS || read >= before) return;
    before = read;
  }
}
