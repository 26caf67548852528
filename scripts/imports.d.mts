export const ROOMS: readonly string[];
export function wrongImports(root: string, file: string, text: string): string[];
export function wrongImportsOf(root: string): string[];
