/** The report's style sheet, with the few rules that uPlot's elements need to lie on top of each other. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fcfbf8; --raised: #ffffff; --ink: #1d2026; --muted: #61676f;
  --line: #e2e0da; --accent: #2458a6; --curve: #2458a6; --curve-faint: #b3c6e2; --curve-other: #b5541c;
  --at: #1d7a4c; --near: #4f7318; --above: #9a6200; --far: #b3332b; --beyond: #6d45a8; }
@media (prefers-color-scheme: dark) { :root { --paper: #12151b; --raised: #191d25; --ink: #e6e7e9; --muted: #9ba2ac;
  --line: #2b303a; --accent: #8ab4f8; --curve: #8ab4f8; --curve-faint: #35507c; --curve-other: #f0a35e;
  --at: #5fcf95; --near: #a9cf5b; --above: #efb64c; --far: #ff8a7d; --beyond: #c3a2f5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, 'Segoe UI',
  Roboto, 'Noto Sans', sans-serif; -webkit-text-size-adjust: 100%; }
main { max-width: 1080px; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
h1, h2, .verdict { font-family: 'Iowan Old Style', 'Palatino Linotype', Palatino, 'Source Serif 4', Georgia, serif;
  font-weight: 600; line-height: 1.25; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: clamp(1.7rem, 4.5vw, 2.5rem); margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1.45rem; margin: 3.2rem 0 0.3rem; }
h3 { font-size: 1rem; margin: 0; }
.subtitle { color: var(--muted); margin: 0.4rem 0 0; overflow-wrap: anywhere; }
.note { color: var(--muted); margin: 0 0 1rem; max-width: 46rem; font-size: 0.94rem; }
small { font-size: 0.8rem; color: var(--muted); }
.summary { margin-top: 1.8rem; padding: 1.2rem 1.5rem; background: var(--raised); border: 1px solid var(--line);
  border-left: 4px solid var(--accent); border-radius: 6px; }
.summary p { margin: 0.6rem 0 0; max-width: 58rem; }
.summary .verdict { font-size: 1.25rem; margin: 0; }
figure { margin: 0; min-width: 0; }
figcaption { margin-top: 0.5rem; line-height: 1.4; }
.trio { display: grid; gap: 1.2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); }
.frames { display: grid; gap: 0.7rem; grid-template-columns: repeat(auto-fit, minmax(104px, 1fr)); }
.frames figcaption { text-align: center; margin-top: 0.2rem; color: var(--muted); }
.frames .picture span { display: none; }
.picture { position: relative; border-radius: 6px; overflow: hidden; background: #0d1017; }
.picture img { display: block; width: 100%; height: auto; }
.picture span { position: absolute; font-size: 0.68rem; line-height: 1; color: #b7bdc8; font-variant-numeric:
  tabular-nums; text-shadow: 0 0 3px #0d1017; }
.picture .x { bottom: 5px; transform: translateX(-50%); }
.picture .y { left: 5px; transform: translateY(50%); }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; list-style: none; padding: 0; margin: 0 0 0.8rem;
  font-size: 0.9rem; }
.legend i { display: inline-block; width: 0.75em; height: 0.75em; border-radius: 50%; margin-right: 0.4em; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.75rem 0.9rem 0.75rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; padding-block: 0.3rem; font-size: 0.8rem; font-weight: 600; color: var(--muted);
  white-space: nowrap; }
tbody th { font-weight: 600; width: 12rem; }
th small, td small { display: block; font-weight: 400; }
.metrics td:not(.reading) { min-width: 6rem; }
.metrics td > span:not(.judgement), .metrics td > small, .metrics th > small { white-space: nowrap; }
.number { font-size: 1.15rem; font-weight: 600; }
.reading { padding-right: 0; width: 48%; }
.reading p { margin: 0.3rem 0 0; font-size: 0.88rem; line-height: 1.45; color: var(--muted); }
.judgement { font-weight: 600; color: var(--muted); }
.at .judgement { color: var(--at); } .near .judgement { color: var(--near); } .above .judgement { color: var(--above); }
.far .judgement { color: var(--far); } .beyond .judgement { color: var(--beyond); }
.meter { position: relative; height: 12px; margin: 0.35rem 7px 0.35rem 7px; background: linear-gradient(90deg,
  transparent calc(33.33% - 1px), var(--muted) 0 33.33%, transparent 0 calc(66.66% - 1px), var(--muted) 0 66.66%,
  transparent 0) 0 50% / 100% 7px no-repeat; }
.meter::before { content: ''; position: absolute; inset: 5px 0; background: var(--line); }
.meter b { position: absolute; left: 0; top: 5px; height: 2px; background: currentColor; }
.meter i { position: absolute; top: 1px; width: 10px; height: 10px; margin-left: -5px; border-radius: 50%; }
.meter .value { background: currentColor; }
.meter .training { border: 2px solid var(--muted); background: var(--paper); }
.at .meter { color: var(--at); } .near .meter { color: var(--near); } .above .meter { color: var(--above); }
.far .meter { color: var(--far); } .beyond .meter { color: var(--beyond); }
.beside { font-size: 0.94rem; } .beside th, .beside td { padding-block: 0.4rem; } .beside tbody th { width: auto; }
.beside thead small { white-space: normal; } .beside tbody th small { display: inline; margin-left: 0.4em; }
.beside .better { color: var(--far); font-weight: 600; } .beside .better small { color: inherit; } .beside .worse { color: var(--muted); }
.charts { display: grid; gap: 1.5rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
  margin-top: 1rem; }
.chart { display: flex; flex-direction: column; }
.chart figcaption { margin: 0 0 0.5rem; flex: 1; }
.chart figcaption p { margin: 0.1rem 0 0; font-size: 0.88rem; color: var(--muted); }
.chart .canvas { min-width: 0; overflow: hidden; }
.plain { font-size: 0.85rem; } .plain th, .plain td { padding: 0.25rem 0.9rem 0.25rem 0; width: auto; }
dl { display: grid; gap: 0.9rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 200px), 1fr));
  margin: 0.8rem 0 1.5rem; }
dt { font-size: 0.8rem; color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0; padding: 0.9rem 1.1rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.88rem; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted);
  font-size: 0.85rem; }
.uplot { width: min-content; } .u-wrap { position: relative; user-select: none; }
.u-over, .u-under, .u-axis { position: absolute; } .u-under { overflow: hidden; }
.uplot canvas { display: block; position: relative; width: 100%; height: 100%; }
.u-cursor-x { position: absolute; left: 0; top: 0; height: 100%; border-right: 1px dashed var(--muted);
  pointer-events: none; }
.u-cursor-pt { position: absolute; left: 0; top: 0; border-radius: 50%; border: 0 solid; pointer-events: none;
  background-clip: padding-box !important; }
.u-select { position: absolute; pointer-events: none; background: rgb(128 128 128 / 0.2); }
.u-off { display: none; }
.u-legend { width: auto; margin: 0.2rem auto 0; font-size: 0.8rem; display: flex; flex-wrap: wrap;
  justify-content: center; }
.u-legend tbody { display: contents; } .u-legend .u-series { display: inline-flex; gap: 0.3rem; margin-right: 1rem; }
.u-legend .u-off { display: inline-flex; opacity: 0.35; }
.u-legend th, .u-legend td { border: 0; padding: 0; width: auto; font-weight: 400; white-space: nowrap; }
.u-legend th { cursor: pointer; display: inline-flex; align-items: center; gap: 0.35rem; }
.u-legend td { min-width: 4.2em; color: var(--muted); }
.u-legend .u-marker { width: 0.9em; height: 0.9em; border-radius: 2px; background-clip: padding-box !important; }
@media (max-width: 720px) {
  main { padding: 1.6rem 1rem 3rem; }
  h2 { margin-top: 2.4rem; }
  .summary { padding: 1rem 1.1rem; }
  .metrics, .metrics tbody, .metrics tr, .metrics th, .metrics td { display: block; width: auto; padding: 0; border: 0; }
  .metrics thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .metrics tr { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.5rem 0.8rem; padding: 1rem 0;
    border-top: 1px solid var(--line); }
  .beside, .beside tbody, .beside tr, .beside th, .beside td { display: block; width: auto; padding: 0; border: 0; }
  .beside thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .beside tr { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.4rem 0.8rem; padding: 0.8rem 0;
    border-top: 1px solid var(--line); }
  .beside tbody th { grid-column: 1 / -1; }
  .beside td::before { content: attr(data-name); display: block; font-size: 0.75rem; color: var(--muted); }
  .metrics th, .metrics .reading { grid-column: 1 / -1; }
  .metrics td:not(.reading) { min-width: 0; } .number { font-size: 1.02rem; }
  .metrics td[data-name]::before { content: attr(data-name); display: block; font-size: 0.75rem; color: var(--muted); }
}
@media print { body { background: none; } .summary, figure, tr { break-inside: avoid; } }
`;
