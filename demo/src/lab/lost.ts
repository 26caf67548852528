/** Particles that have left the numbers: a solver's steps were too few, or a guidance too strong. */

/** What to say of the last state [n, 2] of a trajectory, and whether nothing of it can be seen; or nothing. */
export function lostWords(points: ArrayLike<number>): { all: boolean; words: string } | null {
  const n = points.length / 2;
  let lost = 0;
  for (let i = 0; i < n; i++) if (!Number.isFinite(points[2 * i] + points[2 * i + 1])) lost++;
  if (lost === 0) return null;
  const all = lost === n;
  const which = all ? 'All particles' : `${lost.toLocaleString('en')} of ${n.toLocaleString('en')} particles`;
  return {
    all,
    words: `${which} have left the numbers on their way: take more steps, another solver, or less guidance.`,
  };
}
