/**
 * The format of docs/wire-protocol.md, as tables from which the types are made; a test holds them
 * against docs/wire.schema.json. Nothing here may open an envelope.
 */

export const TOPIC_SECRET = "offmic.secret";
export const ACK_METHOD = "offmic.ack";
export const ATTRIBUTE_KEY = "offmic.key";

export const MAX_BODY_BYTES = 16 * 1024;
export const MAX_VALUE_BYTES = 8 * 1024;

/** What each field of a JSON object holds. */
type Table = Readonly<Record<string, "string" | "integer" | "boolean">>;
type Held = { string: string; integer: number; boolean: boolean };
type Of<T extends Table> = { readonly [Name in keyof T]: Held[T[Name]] };

export const HEAD_FIELDS = {
  id: "string",
  room: "string",
  to: "string",
  key: "string",
  label: "string",
  kind: "string",
  ttl_ms: "integer",
  once: "boolean",
} as const satisfies Table;

export const ANSWER_FIELDS = {
  id: "string",
  state: "string",
  first: "boolean",
} as const satisfies Table;

/** What travels beside the sealed value, readable by the server and bound to the seal. */
export type Head = Of<typeof HEAD_FIELDS>;

/** The agent's answer to an acknowledgement. */
export type Answer = Of<typeof ANSWER_FIELDS>;

export const ACK_STATES = ["shown", "expired", "rejected"] as const;

/** What a receiver may say about an envelope. */
export type AckState = (typeof ACK_STATES)[number];

/** The payload of an acknowledgement. */
export interface Ack {
  readonly id: string;
  readonly state: AckState;
}

/** One envelope as it travels: its head, the head's exact characters, and what is sealed. */
export interface Envelope {
  readonly head: Head;
  readonly headText: string;
  readonly sealed: Uint8Array<ArrayBuffer>;
}

/** Read a body without opening it; null where it is too large or not the format of version 1. */
export function readEnvelope(body: string): Envelope | null {
  if (new TextEncoder().encode(body).length > MAX_BODY_BYTES) return null;
  const outer = readObject(body);
  if (outer === null || outer["v"] !== 1) return null;
  const { head: headText, sealed: sealedText } = outer;
  if (typeof headText !== "string" || typeof sealedText !== "string") return null;
  const head = readFields(headText, HEAD_FIELDS);
  const sealed = decodeBase64url(sealedText);
  return head !== null && sealed !== null ? { head, headText, sealed } : null;
}

/** Read the answer to an acknowledgement; null where it is none. */
export function readAnswer(payload: string): Answer | null {
  return readFields(payload, ANSWER_FIELDS);
}

/** Return the object that a JSON text holds, or null where it holds none. */
export function readObject(text: string): Record<string, unknown> | null {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  const isObject = typeof read === "object" && read !== null && !Array.isArray(read);
  return isObject ? (read as Record<string, unknown>) : null;
}

function readFields<T extends Table>(text: string, table: T): Of<T> | null {
  const fields = readObject(text);
  if (fields === null) return null;
  for (const [name, kind] of Object.entries(table)) {
    // Own fields alone: the object's prototype has some that JSON did not name.
    const held: unknown = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const fits = kind === "integer" ? Number.isInteger(held) : typeof held === kind;
    if (!fits) return null;
  }
  return fields as Of<T>;
}

/** Return base64url without padding (RFC 4648, section 5). */
export function encodeBase64url(raw: Uint8Array): string {
  const binary = Array.from(raw, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Return the bytes of base64url without padding; null for any but its one canonical spelling. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  let binary: string;
  try {
    binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return null;
  }
  const raw = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // The decoder skips spaces, padding and stray bits; only one spelling is accepted.
  return encodeBase64url(raw) === text ? raw : null;
}
