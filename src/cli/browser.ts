import type { Browser, Page } from 'puppeteer';
import { TributaryError } from '../errors.js';
import { ensureChrome } from './install_chrome.js';

/** A card's own driver: Vulkan has to be asked for on Linux. */
const HARDWARE = ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-angle=vulkan'];

/** Without a graphics card these give WebGPU on SwiftShader; fewer of them give no adapter, or blank canvases. */
export const SOFTWARE = [
  '--enable-unsafe-webgpu',
  '--use-angle=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
];

/** No start page, no updates, nothing fetched behind the user's back; as root Chrome refuses its sandbox. */
const QUIET = ['--no-first-run', '--disable-background-networking', '--disable-component-update'];

async function launch(executablePath: string, flags: readonly string[]): Promise<Browser> {
  let puppeteer: typeof import('puppeteer');
  try {
    puppeteer = await import('puppeteer');
  } catch (error) {
    throw new TributaryError('bad-input', 'driving a browser needs puppeteer: npm install puppeteer', {
      cause: error,
    });
  }
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // puppeteer changes the array that it is given, so it gets a new one each time.
  return puppeteer.launch({ executablePath, args: [...QUIET, ...root, ...flags], protocolTimeout: 0 });
}

const hasCard = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter();
    const { info } = adapter ?? {};
    const text = `${info?.vendor} ${info?.architecture} ${info?.description}`;
    return adapter != null && info?.isFallbackAdapter !== true && !/swiftshader|llvmpipe|warp/i.test(text);
  });

/**
 * A headless Chrome with WebGPU, on the graphics card where there is one and else on the software adapter, with
 * one page open.
 * @param url must be http on the loopback interface: `navigator.gpu` needs a secure context
 */
export async function openBrowser(
  url: string,
  say: (line: string) => void,
): Promise<{ browser: Browser; page: Page }> {
  const chrome = await ensureChrome(say);
  for (const flags of [HARDWARE, SOFTWARE]) {
    const browser = await launch(chrome, flags);
    try {
      const page = await browser.newPage();
      await page.goto(url);
      if (flags === SOFTWARE || (await hasCard(page))) return { browser, page };
    } catch (error) {
      // A graphics process that does not start on this machine: the software adapter will.
      if (flags === SOFTWARE) {
        await browser.close();
        throw error;
      }
    }
    await browser.close();
  }
  throw new Error('unreachable');
}
