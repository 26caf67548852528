/** What `scripts/assemblyscript-plugin.ts` makes. */
declare module '*?simd' {
  const base64: string;
  export default base64;
}
declare module '*?relaxed-simd' {
  const base64: string;
  export default base64;
}
declare module '*?source' {
  const script: string;
  export default script;
}
