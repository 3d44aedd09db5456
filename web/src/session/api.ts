/** Calls to /v1 with the session's token. Errors come out as `ApiError` whose message a person can act on. */

export class ApiError extends Error {
  constructor(
    message: string,
    /** The HTTP status, or 0 where there was no answer. */
    readonly status: number,
  ) {
    super(message);
  }
}

const PATIENCE_MS = 15_000;

/** The JSON that `path` answers. */
export async function call<T>(path: string, options: { token?: string; body?: unknown; signal?: AbortSignal } = {}): Promise<T> {
  const { token, body, signal } = options;
  const headers: Record<string, string> = { Accept: "application/json" };
  if (token !== undefined) headers["Authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const patience = AbortSignal.timeout(PATIENCE_MS);
  let response: Response;
  try {
    response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("The server does not answer. Check that Windhover is running, then try again.", 0);
  }
  throw new ApiError(await problemText(response), response.status);
}

/** What a problem+json answer says, in the server's words where it has some. */
async function problemText(response: Response): Promise<string> {
  if (response.status === 429) {
    const seconds = response.headers.get("Retry-After");
    return `Too many attempts. Try again ${seconds ? `in ${seconds} s` : "in a minute"}.`;
  }
  try {
    const problem = (await response.json()) as { detail?: unknown; title?: unknown };
    for (const text of [problem.detail, problem.title]) if (typeof text === "string" && text) return text;
  } catch {
    // Not JSON: a proxy's page. The status says what there is to say.
  }
  return `The server answered ${response.status}. Try again; if it stays so, look at its log.`;
}
