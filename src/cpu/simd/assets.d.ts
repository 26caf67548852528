/** What `scripts/assemblyscript_plugin.ts` makes. */
declare module '*?simd' {
  const bytes: string;
  export default bytes;
}
declare module '*?relaxed-simd' {
  const bytes: string;
  export default bytes;
}
declare module '*?source' {
  const script: string;
  export default script;
}
