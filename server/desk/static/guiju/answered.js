// Whether Guiju itself answered. While it is being started anew nobody does, or the proxy before it, whose answer has no request number.
export function isAnswered(answer) {
  return Boolean(answer) && (![502, 503, 504].includes(answer.status) || answer.headers.has("X-Request-Id"));
}
