// Images for the browser tests, under `/image/`, and who asked for them. Any origin may read them.
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export function images() {
  /** The addresses asked for, by the key in them. */
  const asked = new Map();
  return async (context, next) => {
    if (!context.path.startsWith('/image/')) return next();
    const key = String(context.query.key);
    if (context.path === '/image/log') {
      context.body = asked.get(key) ?? [];
      return undefined;
    }
    asked.set(key, [...(asked.get(key) ?? []), `${context.path} ${context.get('cookie')}`.trim()]);
    context.set('access-control-allow-origin', '*');
    context.set('cache-control', 'no-store');
    if (context.path === '/image/redirect') {
      context.redirect(`/image/elsewhere.png?key=${key}`);
    } else if (context.path === '/image/missing.png') {
      context.status = 404;
    } else {
      context.type = 'image/png';
      context.body = PIXEL;
    }
    return undefined;
  };
}
