import { realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Why a request is not answered, with the status that says so. */
export class RequestError extends Error {
  constructor(
    readonly status: 400 | 403 | 404 | 405,
    message: string,
  ) {
    super(message);
  }
}

function nothing(): never {
  throw new RequestError(404, 'there is no such file');
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RequestError(400, 'the path holds a % that begins no character');
  }
}

/** What could mean another file than it says: empty, hidden or upward, with separators, or with what ends a path. */
const misleading = (segment: string): boolean =>
  segment === '' || segment.startsWith('.') || /[/\\?#\0]/.test(segment);

/**
 * The path of a request, decoded: one of `pages`, or a file that lies in `folder` itself, links followed.
 * @param target of the request's first line, as it was sent
 * @throws RequestError on anything else
 */
export function servedPath(folder: string, target: string, pages: readonly string[]): string {
  if (!target.startsWith('/')) throw new RequestError(400, 'a path begins with /');
  const end = target.search(/[?#]/);
  const raw = end < 0 ? target : target.slice(0, end);
  if (pages.includes(raw)) return raw;
  const segments = (raw === '/' ? '/index.html' : raw).slice(1).split('/').map(decoded);
  if (segments.some(misleading)) nothing();
  try {
    const root = realpathSync(folder);
    const file = realpathSync(join(root, ...segments));
    if (!file.startsWith(root + sep) || !statSync(file).isFile()) nothing();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    // No such file, no right to see it, a name too long, a circle of links.
    nothing();
  }
  return `/${segments.join('/')}`;
}
