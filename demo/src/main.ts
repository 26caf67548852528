import { App } from './app.js';

const root = document.getElementById('app');
if (root !== null) {
  const app = new App(root);
  // For whoever opens the browser's console, and for the tests.
  Object.assign(globalThis, { tributaryDemo: app });
  void app.start();
}
