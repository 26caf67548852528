/** What the page fetches later on, and what to say when that is not to be had. */

const UNFETCHED =
  'A part of this page could not be fetched: is its server there, and are you online? Try again, or reload the page.';

/** Browsers do not say which of the two it is. */
const UNSTARTED =
  'A worker of this page did not start: is the page’s server there, and does the browser allow workers? Choose again, or reload the page.';

/** As Chrome, Firefox and Safari say it, of scripts and of files. */
const FAILED =
  /dynamically imported module|importing a module script|failed to fetch|networkerror|load failed/i;

/** Whether an error means that something was not to be had, rather than that it is wrong. */
export const isUnfetched = (error: unknown): boolean => FAILED.test(String(error));

/** An error, or its message, in a visitor's words. */
export function wordsOf(error: unknown): string {
  if (isUnfetched(error)) return UNFETCHED;
  return error instanceof Error ? error.message : String(error);
}

/** A file of the page's. @throws Error where it is not to be had */
export async function fetched(name: string): Promise<Response> {
  const response = await fetch(new URL(name, document.baseURI));
  if (!response.ok) throw new Error(UNFETCHED);
  return response;
}

/**
 * A worker.
 * @param onTrouble told one line where it is not allowed, not to be had, or broken
 */
export function openWorker(url: string, onTrouble: (words: string) => void): Worker | null {
  try {
    const worker = new Worker(url, { type: 'module' });
    // A script that is not to be had, or forbidden, says nothing.
    worker.onerror = ({ message }) => onTrouble(message ? wordsOf(message) : UNSTARTED);
    return worker;
  } catch (error) {
    onTrouble(`This browser does not let the page start a worker: ${wordsOf(error)}`);
    return null;
  }
}
