import http from 'node:http';

/** A request to the process that keeps what is shared. @returns the answer, as soon as it begins */
function request(path: string): Promise<http.IncomingMessage> {
  const { TEST_BROKER } = process.env;
  if (TEST_BROKER === undefined) throw new Error('what test files share is missing: run them by vitest');
  return new Promise((resolve, reject) => {
    http.get(`${TEST_BROKER}${path}`, { agent: false }, resolve).on('error', reject);
  });
}

export async function ask(path: string): Promise<string> {
  const response = await request(path);
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  if (response.statusCode !== 200) throw new Error(text);
  return text;
}

/** Waits until nobody else has it. @returns gives it back; a process that ends has given it back */
export async function borrow(path: string): Promise<() => void> {
  const response = await request(path);
  return () => response.destroy();
}
