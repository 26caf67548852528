/** The versions of the libraries that a race compares, as they are installed, for Vite's `define`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PEERS = ['@jax-js/jax', '@tensorflow/tfjs-core', 'onnxruntime-web'];

const versionIn = (folder: string): string => {
  const file = fileURLToPath(new URL(`../${folder}package.json`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')).version;
};

export function peerVersions(): { PEER_VERSIONS: string } {
  const versions = Object.fromEntries(PEERS.map((name) => [name, versionIn(`node_modules/${name}/`)]));
  return { PEER_VERSIONS: JSON.stringify({ 'tributary-engine': versionIn(''), ...versions }) };
}
