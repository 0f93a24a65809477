/** The vectors that every implementation of the wire must treat alike, and a sealer for tests. */

import { readFileSync } from "node:fs";
import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { Opener } from "../src/receiver/sealing";
import { decodeBase64url, encodeBase64url, type Head } from "../src/receiver/wire";

interface Vector {
  readonly name: string;
  readonly body: string;
}

interface Envelopes {
  readonly recipient: { readonly private_key: string; readonly public_key: string };
  readonly opens: readonly (Vector & { readonly head: Head; readonly value: string })[];
  readonly does_not_open: readonly Vector[];
  readonly malformed: readonly Vector[];
}

const root = new URL("../../", import.meta.url);

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, root), "utf-8"));
}

export const envelopes = readJson("tests/vectors/envelopes.json") as Envelopes;

/** The key pair of the vectors. */
export async function vectorOpener(): Promise<Opener> {
  const raw = bytes(envelopes.recipient.private_key);
  // RFC 8410: the header of a PKCS #8 that holds an X25519 key.
  const pkcs8 = Uint8Array.from([...hex("302e020100300506032b656e04220420"), ...raw]);
  return Opener.from({
    privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, "X25519", false, ["deriveBits"]),
    publicKey: await crypto.subtle.importKey(
      "raw",
      bytes(envelopes.recipient.public_key),
      "X25519",
      true,
      [],
    ),
  });
}

/** Seal a value as the agent does. */
export async function seal(head: Head, value: string): Promise<string> {
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes128Gcm(),
  });
  const headText = JSON.stringify(head);
  const sender = await suite.createSenderContext({
    recipientPublicKey: await suite.kem.deserializePublicKey(bytes(head.key).buffer),
    info: new TextEncoder().encode(`offmic/1\n${headText}`).buffer,
  });
  const plain = JSON.stringify({ value });
  const length = new TextEncoder().encode(plain).length;
  const padded = new TextEncoder().encode(plain + " ".repeat((256 - (length % 256)) % 256));
  const sealed = new Uint8Array(await sender.seal(padded.buffer));
  const joined = Uint8Array.from([...new Uint8Array(sender.enc), ...sealed]);
  return JSON.stringify({ v: 1, head: headText, sealed: encodeBase64url(joined) });
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = decodeBase64url(text);
  if (raw === null) throw new Error("a vector is not base64url");
  return raw;
}

function hex(text: string): number[] {
  return (text.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}
