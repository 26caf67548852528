/** Filled in by the build (`scripts/peer_versions.ts`): a page cannot ask its libraries. */
declare const PEER_VERSIONS: Readonly<Record<string, string>>;

export const VERSIONS = PEER_VERSIONS;
