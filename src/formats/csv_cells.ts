/** What of a CSV cell is a number, shared by the reader and the writer. */

/** Each digit can be matched in one way only: `\d+\.?\d*` would try every split of a long cell that is no number. */
export const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
export const DECIMAL_COMMA = /^[+-]?\d+,\d+$/;
export const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
export const LABEL_NAME = /^(?:label|class)$/i;

export function isNumberLike(cell: string): boolean {
  return NUMBER.test(cell) || NOT_FINITE.test(cell) || DECIMAL_COMMA.test(cell);
}
