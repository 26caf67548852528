// Runs inside a report: draws the charts that the page's JSON describes, in the page's colours, and redraws
// them when the window changes its width or the reader switches between light and dark.
(() => {
  const charts = JSON.parse(document.getElementById('chart-data').textContent);
  const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const text = (value) => {
    if (value === null || value === undefined) return '–';
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
      const [mantissa, exponent] = value.toExponential(2).split('e');
      const power = [...exponent.replace('+', '')].map((c) => (c === '-' ? '⁻' : superscripts[c])).join('');
      return `${Number(mantissa)} × 10${power}`;
    }
    return String(Number(value.toPrecision(4)));
  };
  const whole = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u202f');

  const draw = (chart, host) => {
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1, size: 4 },
      font: '12px system-ui, sans-serif',
      labelFont: '12px system-ui, sans-serif',
      labelSize: 22,
    };
    const options = {
      width: host.clientWidth,
      height: Math.max(240, Math.min(340, Math.round(host.clientWidth * 0.5))),
      scales: { x: { time: false }, y: chart.log ? { distr: 3, log: 10 } : {} },
      axes: [
        { ...axis, label: 'step', size: 36, values: (_, ticks) => ticks.map((tick) => whole(tick)) },
        {
          ...axis,
          label: chart.axis,
          size: 62,
          values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : text(tick))),
        },
      ],
      series: [
        { label: 'step', value: (_, value) => (value === null ? '–' : whole(value)) },
        ...chart.series.map((series) => ({
          label: series.name,
          stroke: colour(series.colour),
          width: series.thin ? 1 : 2,
          dash: series.dashed ? [6, 4] : undefined,
          points: { show: chart.steps.length < 3 },
          spanGaps: true,
          value: (_, value) => text(value),
        })),
      ],
      cursor: { y: false },
    };
    host.replaceChildren();
    return new uPlot(options, [chart.steps, ...chart.series.map((series) => series.values)], host);
  };

  for (const chart of charts) {
    const host = document.getElementById(chart.id);
    let plot = draw(chart, host);
    let width = host.clientWidth;
    const redraw = () => {
      plot.destroy();
      plot = draw(chart, host);
      width = host.clientWidth;
    };
    new ResizeObserver(() => {
      if (host.clientWidth !== width) redraw();
    }).observe(host);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  }
})();
