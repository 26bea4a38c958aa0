/** Reads the integers of Kafka's protocol, which are big-endian. Every method throws RangeError past the end of the bytes. */
export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    /** Of the next byte. */
    public position = 0,
  ) {}

  get left(): number {
    return this.bytes.length - this.position;
  }

  int8(): number {
    return this.bytes.readInt8(this.skip(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.skip(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.skip(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.skip(8));
  }

  /** A zigzag varint of at most 64 bits. https://protobuf.dev/programming-guides/encoding/#signed-ints */
  varlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes.readUInt8(this.skip(1));
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return (value >> 1n) ^ -(value & 1n);
    }
    throw new RangeError('a varint of more than ten bytes');
  }

  /** A zigzag varint of at most 32 bits. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes.readUInt8(this.skip(1));
      value |= (byte & 127) << shift;
      if (byte < 128) return (value >>> 1) ^ -(value & 1);
    }
    throw new RangeError('a varint of more than five bytes');
  }

  /** A view of the next `length` bytes. */
  take(length: number): Buffer {
    return this.bytes.subarray(this.skip(length), this.position);
  }

  /** Bytes behind their varint length; null where the length is negative. */
  varintBytes(): Buffer | null {
    const length = this.varint();
    return length < 0 ? null : this.take(length);
  }

  private skip(length: number): number {
    const at = this.position;
    if (length < 0 || length > this.left) throw new RangeError(`${length} bytes are not there`);
    this.position += length;
    return at;
  }
}
