const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** JSON for a script element: no text in it can end the element or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** Three significant digits (or `digits`), for people: 0.0357, 12 300, 1.2 × 10⁻⁵. */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  let text: string;
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, exponent] = size.toExponential(1).split('e');
    const power = [...exponent.replace('+', '')]
      .map((c) => (c === '-' ? '⁻' : SUPERSCRIPTS[Number(c)]))
      .join('');
    text = `${mantissa} × 10${power}`;
  } else if (Number.isInteger(value) || size >= 1000) {
    text = formatInteger(Math.round(size));
  } else {
    text = size.toPrecision(digits);
  }
  return value < 0 ? `−${text}` : text;
}

/** A whole number with thin spaces between thousands, from 10 000 on. */
export function formatInteger(value: number): string {
  const digits = String(value);
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A value with its unit; fractions in per cent. */
export function formatValue(value: number, unit: string, digits = 3): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  if (unit === 'fraction') {
    // 0 %, 98.1 %, 0.12 %: the third digit of a share is noise.
    const percent = 100 * value;
    const places = Math.abs(percent) >= 10 ? 1 : 2;
    const rounded = Number(percent.toFixed(places));
    if (rounded !== 0 || percent === 0) return `${rounded} %`.replace('-', '−');
    return `${formatNumber(percent, 2)} %`;
  }
  return unit === '' ? formatNumber(value, digits) : `${formatNumber(value, digits)} ${unit}`;
}

/** From and to with their unit, which is said once. */
export function formatRange([low, high]: readonly [number, number], unit: string): string {
  const bare = unit === 'fraction' ? unit : '';
  const end = unit === 'fraction' || unit === '' ? '' : ` ${unit}`;
  return `${formatValue(low, bare, 2)} to ${formatValue(high, bare, 2)}${end}`;
}

/** 48 s, 3 min 5 s, 2 h 10 min. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${formatNumber(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
