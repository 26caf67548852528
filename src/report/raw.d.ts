// Files that go into a report as text, by Vite's ?raw imports.
declare module 'uplot/dist/uPlot.iife.min.js?raw' {
  const text: string;
  export default text;
}
declare module 'uplot/LICENSE?raw' {
  const text: string;
  export default text;
}
declare module '*/chart_client.js?raw' {
  const text: string;
  export default text;
}
