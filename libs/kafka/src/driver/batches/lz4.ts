import { Output } from './output.js';

/** https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md */
const MAGIC = 0x184d2204;
const VERSION = 0b0100_0000;
const FLAG = { version: 0b1100_0000, blockChecksum: 0b1_0000, contentSize: 0b1000, dictionary: 0b1 };
const STORED = 0x8000_0000;
const LEAST_MATCH = 4;

/**
 * The content of one LZ4 frame. Checksums are not compared: the broker has compared that of the batch.
 * @throws RangeError where it is longer than `limit` bytes, or the frame is damaged
 */
export function unpackLz4(frame: Buffer, limit: number): Buffer {
  if (frame.readUInt32LE(0) !== MAGIC) throw new RangeError('not an LZ4 frame');
  const flags = frame.readUInt8(4);
  if ((flags & FLAG.version) !== VERSION) throw new RangeError('an unknown version of LZ4');
  if ((flags & FLAG.dictionary) !== 0) throw new RangeError('an LZ4 frame with a dictionary');
  const checksumBytes = (flags & FLAG.blockChecksum) === 0 ? 0 : 4;
  const output = new Output(limit);
  let at = (flags & FLAG.contentSize) === 0 ? 7 : 15;
  for (let size = frame.readUInt32LE(at); size !== 0; size = frame.readUInt32LE(at)) {
    const length = size >= STORED ? size - STORED : size;
    const block = frame.subarray(at + 4, at + 4 + length);
    if (block.length < length) throw new RangeError('an LZ4 block is cut off');
    if (size >= STORED) output.append(block);
    else unpackBlock(block, output);
    at += 4 + length + checksumBytes;
  }
  return output.content;
}

function unpackBlock(block: Buffer, output: Output): void {
  let at = 0;
  // A length of 15 continues in the next bytes, up to one that is not 255.
  const lengthFrom = (start: number): number => {
    let length = start;
    for (let byte = start === 15 ? 255 : 0; byte === 255; length += byte) byte = block.readUInt8(at++);
    return length;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = lengthFrom(token >> 4);
    if (literals > block.length - at) throw new RangeError('an LZ4 block is cut off');
    output.append(block.subarray(at, (at += literals)));
    // The last sequence of a block has no match.
    if (at === block.length) return;
    const distance = block.readUInt16LE(at);
    at += 2;
    output.repeat(distance, lengthFrom(token & 15) + LEAST_MATCH);
  }
}
