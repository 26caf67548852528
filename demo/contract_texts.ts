/**
 * What the contracts of kernels say to their readers — summary, formula, source, shapes in words, why there is no
 * derivative — and what the descriptions of settings say to the command line's is shown nowhere on the page: it is left
 * out of what visitors fetch.
 */
import type { Plugin } from 'vite';

const STRING = String.raw`(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`;

/** Where such texts are, what they are called there, and whether that may go as well. */
const PLACES = [
  {
    holds: (_: string, id: string) => /\/src\/backend\/contracts\/\w+\.ts$/.test(id),
    texts: 'summary|formula|source|why|shape',
    rest: "$1: ''$2",
  },
  {
    holds: (code: string, id: string) =>
      /\/src\/\w+\/\w+\.ts$/.test(id) && /\bsatisfies (Description|Settings<)/.test(code),
    texts: 'help|symbol|unit',
    rest: '',
  },
];

export function withoutContractTexts(): Plugin {
  return {
    name: 'without-contract-texts',
    enforce: 'pre',
    transform(code, id) {
      const place = PLACES.find(({ holds }) => holds(code, id));
      if (place === undefined) return null;
      const text = String.raw`\b(${place.texts}):\s*${STRING}(?:\s*\+\s*${STRING})*(,?)`;
      const short = code.replace(new RegExp(text, 'g'), place.rest);
      if (short === code)
        this.error(`${id} says nothing that could be left out: is it a contract or a description?`);
      return { code: short, map: null };
    },
  };
}
