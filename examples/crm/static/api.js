// The CRM's own server. Addresses are relative: the CRM runs under any path.

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const NO_ANSWER = "The CRM does not answer. Check your connection, then try again.";

async function ask(path, options) {
  let response;
  let body;
  try {
    response = await fetch(`api/${path}`, { ...options, signal: AbortSignal.timeout(30_000) });
    body = await response.json();
  } catch {
    throw new ApiError(0, NO_ANSWER);
  }
  if (!response.ok) throw new ApiError(response.status, body.error ?? NO_ANSWER);
  return body;
}

export const get = (path) => ask(path, {});

/** The header is what other sites cannot send: it keeps them from using the agent's cookie. */
export const post = (path, body = {}) =>
  ask(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CRM": "1" },
    body: JSON.stringify(body),
  });
