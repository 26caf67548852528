/** The whole verification of a backend: every kernel, then whole runs, then every family. */
import type { Backend, KernelChoice } from '../backend/backend.js';
import { verifyRuns } from './end_to_end.js';
import { verifyFamilies } from './families.js';
import { type VerifyRow, verifyKernels } from './kernels.js';

export interface VerifyReport {
  /** What did the arithmetic. */
  readonly adapter: string;
  /** Whether that is a processor that plays a graphics card. */
  readonly software: boolean;
  readonly ok: boolean;
  readonly rows: readonly VerifyRow[];
  /** The variants that the whole runs have taken, where kernels have several. */
  readonly choices: readonly KernelChoice[];
}

/**
 * Compares a backend with the float64 reference.
 * @param onRow sees every row as soon as it is known
 */
export async function verify(options: {
  readonly backend: Backend & { readonly software?: boolean };
  readonly seed: number;
  onRow?(row: VerifyRow): void;
}): Promise<VerifyReport> {
  const { backend } = options;
  const rows = [
    ...(await verifyKernels(options)),
    ...(await verifyRuns(options)),
    ...(await verifyFamilies(options)),
  ];
  const ok = rows.every((row) => row.ok);
  return {
    adapter: backend.device,
    software: backend.software ?? false,
    ok,
    rows,
    choices: backend.choices?.() ?? [],
  };
}
