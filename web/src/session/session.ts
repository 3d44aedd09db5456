/** Who is logged in: a token in the tab's sessionStorage, gone with the tab. */

import { ApiError, call } from "./api";

export interface Session {
  token: string;
  user: string;
}

const KEY = "windhover.session";
/** Where somebody tries Windhover on their own computer. */
const LOCAL = new Set(["127.0.0.1", "localhost", "[::1]"]);
const LOCAL_ADVICE = " “make run” prints both when it has started; .windhover/run.json holds them.";

export function storedSession(storage: Storage = sessionStorage): Session | null {
  try {
    const { token, user } = JSON.parse(storage.getItem(KEY) ?? "null") as Session;
    return typeof token === "string" && typeof user === "string" ? { token, user } : null;
  } catch {
    return null; // nothing stored, or not by this version: log in again
  }
}

/** Logs in. Throws ApiError with a sentence for the form. */
export async function logIn(user: string, password: string): Promise<Session> {
  try {
    const { token } = await call<{ token: string }>("/v1/login", { body: { user, password } });
    const session = { token, user };
    sessionStorage.setItem(KEY, JSON.stringify(session));
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      throw new ApiError(`User or password is wrong.${LOCAL.has(location.hostname) ? LOCAL_ADVICE : ""}`, 401);
    }
    throw error;
  }
}

/** Forgets the token here at once, and on the server as soon as it hears of it. */
export async function logOut({ token }: Session): Promise<void> {
  sessionStorage.removeItem(KEY);
  try {
    await call("/v1/logout", { token, body: {} });
  } catch (error) {
    // The token is forgotten here; where the server is away it expires by itself. 401: it had expired already.
    if (!(error instanceof ApiError)) throw error;
  }
}

export function forgetSession(): void {
  sessionStorage.removeItem(KEY);
}
