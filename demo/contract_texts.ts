/**
 * What the contracts of kernels say to their readers — summary, formula, source, shapes in words, why there is no
 * derivative — and what the descriptions of settings say to the command line's is shown nowhere on the page: it is left
 * out of what visitors fetch.
 */
import type { Plugin } from 'vite';

const STRING = String.raw`(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`;

/** Of these an empty text is left: an error shows a shape, and a `why` says that there is no derivative. */
const EMPTIED = ['shape', 'why'];

/** Where such texts are, and what they are called there. */
const PLACES = [
  {
    holds: (_: string, id: string) =>
      /\/src\/backend\/contracts\/\w+\.ts$/.test(id) && !id.endsWith('/bindings.ts'),
    texts: 'summary|formula|source|why|shape',
  },
  {
    holds: (code: string, id: string) =>
      /\/src\/[\w/]+\.ts$/.test(id) &&
      // What a family lets be set is shown beside its control.
      !/\/src\/(families|interpolant)\//.test(id) &&
      /\bsatisfies (Description|Settings<)/.test(code) &&
      /\bhelp:/.test(code),
    texts: 'help|symbol|unit',
  },
  {
    holds: (code: string, id: string) => /\/src\/families\/\w+\.ts$/.test(id) && /\bformula:/.test(code),
    texts: 'formula',
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
      const short = code.replace(new RegExp(text, 'g'), (_, name, comma) =>
        EMPTIED.includes(name) ? `${name}: ''${comma}` : '',
      );
      if (short === code && place.texts !== 'formula')
        this.error(`${id} says nothing that could be left out: is it a contract or a description?`);
      return { code: short, map: null };
    },
  };
}
