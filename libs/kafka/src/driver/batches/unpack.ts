import { promisify } from 'node:util';
import { constants, gunzip, zstdDecompress } from 'node:zlib';
import { unpackLz4 } from './lz4.js';
import { unpackSnappy } from './snappy.js';

const gunzipped = promisify(gunzip);
const zstdUnpacked = promisify(zstdDecompress);

/** zstd reserves the memory of its window at once: 8 MiB, which is more than producers ask for by default. */
const ZSTD_WINDOW_LOG = 23;

/** By the lowest three bits of a batch's attributes. https://kafka.apache.org/documentation/#recordbatch */
const CODECS: readonly ((bytes: Buffer, limit: number) => Buffer | Promise<Buffer>)[] = [
  (bytes) => bytes,
  (bytes, limit) => gunzipped(bytes, { maxOutputLength: limit }),
  unpackSnappy,
  unpackLz4,
  (bytes, limit) =>
    zstdUnpacked(bytes, { maxOutputLength: limit, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } }),
];

const CODEC_MASK = 7;

/** By the attributes of a batch. */
export const isCompressed = (attributes: number): boolean => (attributes & CODEC_MASK) !== 0;

/**
 * The records of a batch, unpacked.
 * @param limit the most bytes to unpack; memory stays within it
 * @throws Error where the codec is unknown, the bytes are damaged, or there are more of them than `limit`
 */
export async function unpack(attributes: number, bytes: Buffer, limit: number): Promise<Buffer> {
  const codec = CODECS[attributes & CODEC_MASK];
  if (codec === undefined) throw new RangeError(`compression type ${attributes & CODEC_MASK} is unknown`);
  // guard: a compressed batch unpacks to a bounded size
  return codec(bytes, limit);
}
