/**
 * The receiver's key pair and the opening of envelopes: HPKE (RFC 9180) in base mode with
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM. The private key must never leave here.
 */

import { Aes128Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { encodeBase64url, MAX_VALUE_BYTES, readObject, type Envelope } from "./wire.js";

const ENCAPSULATED_BYTES = 32;
const INFO_PREFIX = "offmic/1\n";

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
});

/** A key pair that opens what was sealed for it. */
export class Opener {
  /** The public key, as the attribute `offmic.key` carries it. */
  readonly key: string;
  readonly #pair: CryptoKeyPair;

  private constructor(pair: CryptoKeyPair, key: string) {
    this.#pair = pair;
    this.key = key;
  }

  /** Make a fresh key pair, whose private half the browser does not give away. */
  static async create(): Promise<Opener> {
    const pair = await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
    return Opener.from(pair as CryptoKeyPair);
  }

  /** Use a key pair that exists. */
  static async from(pair: CryptoKeyPair): Promise<Opener> {
    const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
    return new Opener(pair, encodeBase64url(new Uint8Array(raw)));
  }

  /**
   * Return the bytes of what was sealed, null where it does not open or holds no value.
   *
   * They stay bytes because bytes can be wiped; `readValue` makes the string.
   */
  async open({ headText, sealed }: Envelope): Promise<Uint8Array | null> {
    let plain: ArrayBuffer;
    try {
      const recipient = await suite.createRecipientContext({
        recipientKey: this.#pair,
        enc: sealed.slice(0, ENCAPSULATED_BYTES).buffer,
        info: new TextEncoder().encode(INFO_PREFIX + headText).buffer,
      });
      plain = await recipient.open(sealed.slice(ENCAPSULATED_BYTES).buffer);
    } catch {
      // Changed, cut off, sealed for another key, or a key of low order: all are answered alike.
      return null;
    }
    const bytes = new Uint8Array(plain);
    if (readValue(bytes) !== null) return bytes;
    bytes.fill(0);
    return null;
  }
}

/** Return the value that opened bytes hold, null where they do not hold exactly one. */
export function readValue(plain: Uint8Array): string | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return null;
  }
  const content = readObject(text);
  if (content === null || Object.keys(content).length !== 1) return null;
  const value = content["value"];
  if (typeof value !== "string" || new TextEncoder().encode(value).length > MAX_VALUE_BYTES) {
    return null;
  }
  return value;
}
