/** How many bytes `ByteWriter.varint` takes for this value. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest > 127; rest >>>= 7) bytes++;
  return bytes;
}

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

/** Writes the integers of Kafka's protocol, which are big-endian, to bytes that grow as needed. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(4096);
  #length = 0;

  /** Where the next byte goes. */
  get length(): number {
    return this.#length;
  }

  /** A view of what was written from `start` on. */
  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.#length);
  }

  int8(value: number): void {
    const at = this.#room(1);
    this.#bytes.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#room(2);
    this.#bytes.writeInt16BE(value, at);
  }

  /** @param at where it stands; by default behind what was written */
  int32(value: number, at = this.#room(4)): void {
    // As uint32: the same bytes, and a checksum has no sign.
    this.#bytes.writeUInt32BE(value >>> 0, at);
  }

  int64(value: number): void {
    const at = this.#room(8);
    this.#bytes.writeBigInt64BE(BigInt(value), at);
  }

  /** A zigzag varint of at most 32 bits. https://protobuf.dev/programming-guides/encoding/#signed-ints */
  varint(value: number): void {
    let at = this.#room(varintBytes(value));
    let rest = zigzag(value);
    for (; rest > 127; rest >>>= 7) this.#bytes[at++] = (rest & 127) | 128;
    this.#bytes[at] = rest;
  }

  /** @param bytes its length, of a text in UTF-8 */
  content(content: Buffer | string, bytes: number): void {
    const at = this.#room(bytes);
    if (typeof content === 'string') this.#bytes.write(content, at);
    else this.#bytes.set(content, at);
  }

  /** Comes before `#bytes` is read: it may be another one afterwards. @returns where so many bytes go */
  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(2 * this.#length);
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    return at;
  }
}
