/** The bytes unpacked so far; grows by doubling, up to a limit. */
export class Output {
  #bytes: Buffer;
  #length = 0;

  /** @param limit of bytes. @param expected how many to allocate at first */
  constructor(
    private readonly limit: number,
    expected = 64 * 1024,
  ) {
    this.#bytes = Buffer.allocUnsafe(Math.min(limit, expected));
  }

  get content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  append(bytes: Buffer): void {
    this.#reserve(bytes.length);
    bytes.copy(this.#bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends `length` bytes, a copy of those that begin `distance` before the end. The copy may overlap itself. */
  repeat(distance: number, length: number): void {
    if (distance === 0 || distance > this.#length) throw new RangeError('a match before the first byte');
    this.#reserve(length);
    const start = this.#length - distance;
    const end = this.#length + length;
    // What is copied already is copied along, so each round doubles.
    while (this.#length < end) {
      const size = Math.min(this.#length - start, end - this.#length);
      this.#bytes.copy(this.#bytes, this.#length, start, start + size);
      this.#length += size;
    }
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    // guard: a compressed batch unpacks to a bounded size
    if (needed > this.limit) throw new RangeError(`more than ${this.limit} bytes unpacked`);
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.min(this.limit, Math.max(needed, 2 * this.#bytes.length)));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
