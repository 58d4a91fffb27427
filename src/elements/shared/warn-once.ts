const warned = new Set<string>();

/** Writes a warning for developers to the console, once for each `code` and page. */
export function warnOnce(code: string, message: string): void {
  if (warned.has(code)) return;
  warned.add(code);
  console.warn(`ai-stream-chat: ${message} (${code})`);
}
