/**
 * The rules of a receiver, without a room: what to acknowledge, what to show and for how long. A
 * value must never leave here but through `SecretCard.reveal`; the Python twin is
 * src/offmic/receiver.py.
 */

import { readValue, type Opener } from "./sealing.js";
import { readAnswer, readEnvelope, type Ack, type Envelope } from "./wire.js";

/**
 * How far a card is: `waiting` for the agent to say that this receiver is the first (`once` secrets
 * alone), `ready` to be revealed, `spent` after a `once` secret was revealed, `gone` for ever.
 */
export type CardState = "waiting" | "ready" | "spent" | "gone";

/** One secret on the screen; its value comes out by `reveal` and in no other way. */
export interface SecretCard {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  /** Shown one time, then discarded. */
  readonly once: boolean;
  /** How long it lasts from its receipt, in milliseconds. */
  readonly ttlMs: number;
  /** How much of that is left now, in milliseconds. */
  readonly leftMs: number;
  readonly state: CardState;
  /** Return the value, null where it may not be shown (any more); a `once` value comes one time. */
  reveal(): string | null;
}

/** What came of one envelope: what to acknowledge, and the card where there is a new one. */
export interface Taken {
  readonly ack: Ack;
  readonly card: SecretCard | null;
}

/** Takes envelopes for one key, in one room, under one identity. */
export class Inbox {
  readonly #opener: Opener;
  readonly #now: () => number;
  readonly #taken = new Map<string, Taken>();
  readonly #cards = new Map<string, Card>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param opener the key pair.
   * @param now milliseconds of a monotonic clock.
   */
  constructor(opener: Opener, now: () => number = () => performance.now()) {
    this.#opener = opener;
    this.#now = now;
  }

  /** Take one envelope from an agent; null where it is to be dropped without an answer. */
  take(body: string, room: string, identity: string): Promise<Taken | null> {
    const receivedMs = this.#now();
    // One after the other: a repeat must find what was made of the first.
    const taking = this.#last.then(() => this.#take(body, room, identity, receivedMs));
    this.#last = taking.catch(() => undefined);
    return taking;
  }

  /**
   * Take the agent's answer; return the card that it made ready or put an end to.
   *
   * Any other word than "shown" means that its time was over before it came, on a screen that had
   * stood still: its own clock began too late.
   */
  takeAnswer(payload: string): SecretCard | null {
    const answer = readAnswer(payload);
    const card = answer === null ? undefined : this.#cards.get(answer.id);
    if (answer === null || card === undefined || card.state === "gone") return null;
    if (answer.state !== "shown" || (card.state === "waiting" && !answer.first)) card.end();
    else if (card.state === "waiting") card.allow();
    else return null;
    return card;
  }

  /** Forget an envelope that could not be shown: its repeat is taken as if it were the first. */
  forget(id: string): void {
    this.#cards.get(id)?.end();
    this.#cards.delete(id);
    this.#taken.delete(id);
  }

  /** Wipe every value. */
  close(): void {
    for (const card of this.#cards.values()) card.end();
  }

  async #take(
    body: string,
    room: string,
    identity: string,
    receivedMs: number,
  ): Promise<Taken | null> {
    const envelope = readEnvelope(body);
    if (envelope === null || envelope.head.key !== this.#opener.key) return null;
    const { id } = envelope.head;
    const known = this.#taken.get(id);
    if (known !== undefined) return { ack: known.ack, card: null };
    const taken = await this.#judge(envelope, room, identity, receivedMs);
    this.#taken.set(id, { ack: taken.ack, card: null });
    return taken;
  }

  async #judge(
    envelope: Envelope,
    room: string,
    identity: string,
    receivedMs: number,
  ): Promise<Taken> {
    const { head } = envelope;
    const isOurs = head.room === room && head.to === identity;
    const plain = isOurs ? await this.#opener.open(envelope) : null;
    if (plain === null) return { ack: { id: head.id, state: "rejected" }, card: null };
    const card = new Card(envelope, plain, receivedMs, this.#now);
    if (card.leftMs === 0) {
      card.end();
      return { ack: { id: head.id, state: "expired" }, card: null };
    }
    this.#cards.set(head.id, card);
    return { ack: { id: head.id, state: "shown" }, card };
  }
}

class Card implements SecretCard {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  readonly once: boolean;
  readonly ttlMs: number;
  readonly #endMs: number;
  readonly #now: () => number;
  readonly #plain: Uint8Array;
  #state: CardState;

  constructor({ head }: Envelope, plain: Uint8Array, receivedMs: number, now: () => number) {
    this.id = head.id;
    this.label = head.label;
    this.kind = head.kind;
    this.once = head.once;
    this.ttlMs = head.ttl_ms;
    this.#endMs = receivedMs + head.ttl_ms;
    this.#now = now;
    this.#plain = plain;
    this.#state = head.once ? "waiting" : "ready";
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - this.#now());
  }

  get state(): CardState {
    if (this.leftMs === 0) this.end();
    return this.#state;
  }

  reveal(): string | null {
    if (this.state !== "ready") return null;
    const value = readValue(this.#plain);
    if (this.once) {
      this.#plain.fill(0);
      this.#state = "spent";
    }
    return value;
  }

  /** The agent said that this receiver is the first. */
  allow(): void {
    if (this.state === "waiting") this.#state = "ready";
  }

  end(): void {
    this.#plain.fill(0);
    this.#state = "gone";
  }
}
