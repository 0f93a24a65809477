/**
 * Who this tab is, and its token. The tab's name makes its identity the same after a reload; it is no
 * secret of anybody's, but without it nobody gets that identity. No value is ever stored.
 */

import { encodeBase64url } from "../receiver/wire";

const TAB = "offmic.tab";
const CALL = "offmic.call";
const TAB_BYTES = 16;

/** What the token endpoint gives. */
export interface Admission {
  readonly url: string;
  readonly token: string;
}

/** A refusal, in words for the person before the screen. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly needsPassword: boolean,
  ) {
    super(message);
  }
}

/** How the call in this tab stood before a reload; null where there was none. */
export function lastCall(): "on" | "muted" | null {
  const kept = sessionStorage.getItem(CALL);
  return kept === "on" || kept === "muted" ? kept : null;
}

/** Keep how the call stands, for a reload. */
export function keepCall(isMuted: boolean): void {
  sessionStorage.setItem(CALL, isMuted ? "muted" : "on");
}

/** The call is over: the next one is with somebody new, in a room of its own. */
export function forgetCall(): void {
  sessionStorage.removeItem(CALL);
  sessionStorage.removeItem(TAB);
}

/** Ask for a token that binds this receiver's key. */
export async function requestToken(key: string, password: string): Promise<Admission> {
  const room = new URLSearchParams(location.search).get("room");
  let response: Response;
  try {
    response = await fetch("/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        tab: tabName(),
        key,
        ...(room ? { room } : {}),
        ...(password ? { password } : {}),
      }),
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new Refused("This page's server does not answer. Is it still running?", false);
  }
  if (response.ok) return (await response.json()) as Admission;
  throw refusal(response.status, password !== "");
}

function refusal(status: number, tried: boolean): Refused {
  if (status === 401) {
    return new Refused(tried ? "That is not the password." : "This page asks for a password.", true);
  }
  if (status === 429) {
    return new Refused("Too many wrong passwords. Please wait a minute.", true);
  }
  if (status === 400) {
    return new Refused("The room in this page's address is not a name it can use.", false);
  }
  return new Refused("This page's server refused the call. Please load the page again.", false);
}

function tabName(): string {
  let name = sessionStorage.getItem(TAB);
  if (name === null) {
    name = encodeBase64url(crypto.getRandomValues(new Uint8Array(TAB_BYTES)));
    sessionStorage.setItem(TAB, name);
  }
  return name;
}
