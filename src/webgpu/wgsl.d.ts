// What scripts/wgsl_plugin.ts makes of a shader.
declare module '*.wgsl' {
  const shader: import('./shader.js').Shader;
  export default shader;
}
