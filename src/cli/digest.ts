import { createHash } from 'node:crypto';

/** SHA-256 of bytes, or of several runs of them one after the other, in hexadecimal digits. */
export function sha256(...parts: readonly ArrayBufferView[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of parts)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest('hex');
}
