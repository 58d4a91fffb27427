// Endpoints for the browser tests, real answers over a real connection.
export function misbehavingEndpoints() {
  return (_context, next) => next();
}
