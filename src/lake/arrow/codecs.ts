import { CompressionType } from 'apache-arrow';
import { ArrowProblem } from './problem.ts';

/** Decompresses one frame. Rejects when the bytes are not a whole frame. */
export type Decode = (frame: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/**
 * The decoder of a codec of Arrow's `BodyCompression`, which apache-arrow leaves to its users. Loaded when a
 * file first needs it. https://arrow.apache.org/docs/format/Columnar.html#compression
 */
export async function decoder(codec: CompressionType): Promise<Decode> {
  switch (codec) {
    case CompressionType.LZ4_FRAME: {
      const { default: lz4 } = await import('lz4-napi');
      return lz4.decompressFrame;
    }
    case CompressionType.ZSTD: {
      const { decompress } = await import('fzstd');
      return (frame) => decompress(frame);
    }
    default:
      throw new ArrowProblem(`it is compressed by codec ${codec}, which is not known`, UNCOMPRESSED);
  }
}

const UNCOMPRESSED = 'write it again uncompressed, or with lz4 or zstd';
