import { Output } from './output.js';

/** Java's producer cuts a batch into blocks behind this header; other producers write one block without it. */
const STREAM = Buffer.from('\x82SNAPPY\0', 'latin1');
const STREAM_HEADER_BYTES = 16;

/**
 * The content of a snappy batch. https://github.com/google/snappy/blob/main/format_description.txt
 * @throws RangeError where it is longer than `limit` bytes, or damaged
 */
export function unpackSnappy(bytes: Buffer, limit: number): Buffer {
  const output = new Output(limit);
  if (!bytes.subarray(0, STREAM.length).equals(STREAM)) unpackBlock(bytes, output);
  else
    for (let at = STREAM_HEADER_BYTES; at < bytes.length;) {
      const length = bytes.readUInt32BE(at);
      const block = bytes.subarray(at + 4, at + 4 + length);
      if (block.length < length) throw new RangeError('a snappy block is cut off');
      unpackBlock(block, output);
      at += 4 + length;
    }
  return output.content;
}

function unpackBlock(block: Buffer, output: Output): void {
  // The unpacked length stands first, as a varint. The limit counts what is really unpacked.
  let at = 0;
  while (block.readUInt8(at++) >= 128);
  while (at < block.length) {
    const tag = block.readUInt8(at++);
    switch (tag & 3) {
      case 0: {
        const more = Math.max(0, (tag >> 2) - 59);
        const length = (more === 0 ? tag >> 2 : block.readUIntLE(at, more)) + 1;
        at += more;
        if (length > block.length - at) throw new RangeError('a snappy block is cut off');
        output.append(block.subarray(at, (at += length)));
        break;
      }
      case 1:
        output.repeat(((tag >> 5) << 8) | block.readUInt8(at), ((tag >> 2) & 7) + 4);
        at += 1;
        break;
      case 2:
        output.repeat(block.readUInt16LE(at), (tag >> 2) + 1);
        at += 2;
        break;
      default:
        output.repeat(block.readUInt32LE(at), (tag >> 2) + 1);
        at += 4;
    }
  }
}
