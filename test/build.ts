import { build } from 'vite';

/** Tests of the command line run the built program, as users do; it is built once before all of them. */
export default async function setup(): Promise<void> {
  await build({ logLevel: 'error' });
}
