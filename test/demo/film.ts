/** What a recorded film shows, as a browser plays it. */
import type { Page } from 'puppeteer';

export interface Film {
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  /** Pixels that differ between the beginning and the end by more than the coding does, as a share. */
  readonly changed: number;
  /** Different colours at the end. */
  readonly colours: number;
}

export const playFilm = (page: Page, bytes: Uint8Array): Promise<Film> =>
  page.evaluate(async (text) => {
    const content = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    const video = document.createElement('video');
    video.muted = true;
    video.src = URL.createObjectURL(new Blob([content], { type: 'video/webm' }));
    const event = (name: string) =>
      new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, { once: true });
        video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
      });
    await event('loadeddata');
    const look = async (seconds: number) => {
      const there = event('seeked');
      video.currentTime = seconds;
      await there;
      const canvas = document.createElement('canvas');
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      const context = canvas.getContext('2d')!;
      context.drawImage(video, 0, 0);
      return context.getImageData(0, 0, canvas.width, canvas.height).data;
    };
    await look(1e6);
    // Where a player ends is how long the film is.
    const seconds = video.currentTime;
    const end = await look(seconds - 0.1);
    const start = await look(0.05);
    let changed = 0;
    for (let i = 0; i < end.length; i += 4) {
      const far = [0, 1, 2].reduce((sum, k) => sum + Math.abs(end[i + k] - start[i + k]), 0);
      if (far > 60) changed++;
    }
    return {
      ...{ seconds, width: video.videoWidth, height: video.videoHeight },
      changed: changed / (end.length / 4),
      colours: new Set(new Uint32Array(end.buffer)).size,
      declared: video.duration,
    };
  }, Buffer.from(bytes).toString('base64'));
