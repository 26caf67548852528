/**
 * What the contracts of kernels say to their readers — summary, formula, source, shapes in words, why there is no
 * derivative — is shown nowhere on the page: it is left out of what visitors fetch.
 */
import type { Plugin } from 'vite';

const STRING = String.raw`(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`;
const TEXT = new RegExp(
  String.raw`\b(summary|formula|source|why|shape):\s*${STRING}(?:\s*\+\s*${STRING})*`,
  'g',
);

export function withoutContractTexts(): Plugin {
  return {
    name: 'without-contract-texts',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/src\/backend\/contracts\/\w+\.ts$/.test(id)) return null;
      const short = code.replace(TEXT, "$1: ''");
      if (short === code) this.error(`${id} says nothing that could be left out: is it a contract?`);
      return { code: short, map: null };
    },
  };
}
