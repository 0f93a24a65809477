/**
 * offmic-receiver: gives a LiveKit room the secrets that an offmic agent seals for it. It must never
 * take an envelope from anyone but an agent, nor log anything of one. The rules are those of
 * docs/wire-protocol.md.
 */

import { ParticipantKind, RoomEvent, RpcError, type Room, type TextStreamReader } from "livekit-client";
import { Inbox, type SecretCard } from "./receiver/inbox.js";
import { Opener } from "./receiver/sealing.js";
import { ACK_METHOD, ATTRIBUTE_KEY, MAX_BODY_BYTES, TOPIC_SECRET, type Ack } from "./receiver/wire.js";

export type { CardState, SecretCard } from "./receiver/inbox.js";

const READ_TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 8_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 4_000;
/** The longest delay that a timer of JavaScript can hold. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Below this an error is the transport's, and another try may get through. */
const TRANSPORT_ERRORS: readonly number[] = [
  RpcError.ErrorCode.CONNECTION_TIMEOUT,
  RpcError.ErrorCode.RECIPIENT_DISCONNECTED,
  RpcError.ErrorCode.RESPONSE_TIMEOUT,
  RpcError.ErrorCode.SEND_FAILED,
];

/** What a front end does with secrets. */
export interface Handlers {
  /**
   * Put a new card on the screen, the value hidden or not; "shown" is acknowledged when this returns.
   * Where it throws, the agent sends the secret again.
   */
  onCard(card: SecretCard): void | Promise<void>;
  /** A card's state has changed: `once` secrets become ready, and each card is gone at last. */
  onChange(card: SecretCard): void;
  /** The room does not let this participant announce its key, so no secret will come. */
  onRefused?(): void;
}

/** One receiver: made before its room is connected, and good for that one connection. */
export class Receiver {
  readonly #inbox: Inbox;
  readonly #key: string;

  private constructor(opener: Opener) {
    this.#inbox = new Inbox(opener);
    this.#key = opener.key;
  }

  /** Make a receiver with a fresh key. */
  static async create(): Promise<Receiver> {
    return new Receiver(await Opener.create());
  }

  /** What to bind into the token as the attribute `offmic.key`. */
  get key(): string {
    return this.#key;
  }

  /**
   * Take the secrets of a room; the key is announced where the token does not carry it already.
   *
   * @returns what ends it: nothing more is taken, and every value is wiped.
   */
  attach(room: Room, handlers: Handlers): () => void {
    const attachment = new Attachment(room, this.#inbox, this.#key, handlers);
    return () => attachment.end();
  }
}

class Attachment {
  readonly #room: Room;
  readonly #inbox: Inbox;
  readonly #key: string;
  readonly #handlers: Handlers;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #ended = false;

  constructor(room: Room, inbox: Inbox, key: string, handlers: Handlers) {
    this.#room = room;
    this.#inbox = inbox;
    this.#key = key;
    this.#handlers = handlers;
    room.registerTextStreamHandler(TOPIC_SECRET, this.#onStream);
    room.on(RoomEvent.Connected, this.#announce);
    // The server put the key into the token that the client came back with; if not, it is told.
    room.on(RoomEvent.Reconnected, this.#announce);
    if (room.state === "connected") void this.#announce();
  }

  end(): void {
    this.#ended = true;
    this.#room.unregisterTextStreamHandler(TOPIC_SECRET);
    this.#room.off(RoomEvent.Connected, this.#announce);
    this.#room.off(RoomEvent.Reconnected, this.#announce);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#inbox.close();
  }

  readonly #announce = async (): Promise<void> => {
    const me = this.#room.localParticipant;
    if (me.attributes[ATTRIBUTE_KEY] === this.#key) return;
    try {
      await me.setAttributes({ [ATTRIBUTE_KEY]: this.#key });
    } catch {
      this.#handlers.onRefused?.();
    }
  };

  readonly #onStream = (reader: TextStreamReader, { identity }: { identity: string }): void => {
    const sender = this.#room.remoteParticipants.get(identity);
    if (sender?.kind !== ParticipantKind.AGENT) return;
    void this.#receive(reader, identity);
  };

  async #receive(reader: TextStreamReader, agent: string): Promise<void> {
    const body = await read(reader);
    if (body === null || this.#ended) return;
    const me = this.#room.localParticipant.identity;
    const taken = await this.#inbox.take(body, this.#room.name, me);
    if (taken === null || this.#ended) return;
    if (taken.card !== null && !(await this.#show(taken.card))) return;
    const answer = await this.#acknowledge(agent, taken.ack, taken.card);
    const changed = answer === null ? null : this.#inbox.takeAnswer(answer);
    if (changed !== null) this.#handlers.onChange(changed);
  }

  async #show(card: SecretCard): Promise<boolean> {
    try {
      await this.#handlers.onCard(card);
    } catch {
      this.#inbox.forget(card.id);
      return false;
    }
    this.#expireInTime(card);
    return true;
  }

  #expireInTime(card: SecretCard): void {
    const delayMs = Math.min(Math.ceil(card.leftMs), LONGEST_TIMER_MS);
    const timer = setTimeout(() => {
      if (card.state !== "gone") return this.#expireInTime(card);
      this.#timers.delete(card.id);
      this.#handlers.onChange(card);
    }, delayMs);
    this.#timers.set(card.id, timer);
  }

  async #acknowledge(agent: string, ack: Ack, card: SecretCard | null): Promise<string | null> {
    for (let delayMs = FIRST_RETRY_MS; !this.#ended; delayMs = Math.min(2 * delayMs, LONGEST_RETRY_MS)) {
      try {
        return await this.#room.localParticipant.performRpc({
          destinationIdentity: agent,
          method: ACK_METHOD,
          payload: JSON.stringify(ack),
          responseTimeout: ACK_TIMEOUT_MS,
        });
      } catch (error) {
        const isLost = error instanceof RpcError && TRANSPORT_ERRORS.includes(error.code);
        // A repeated envelope is answered once: the next repeat brings the next try.
        if (!isLost || card === null || card.state === "gone") return null;
      }
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
    return null;
  }
}

async function read(reader: TextStreamReader): Promise<string | null> {
  let body = "";
  try {
    for await (const chunk of reader.withAbortSignal(AbortSignal.timeout(READ_TIMEOUT_MS))) {
      body += chunk;
      if (body.length > MAX_BODY_BYTES) return null;
    }
  } catch {
    return null;
  }
  return body;
}
