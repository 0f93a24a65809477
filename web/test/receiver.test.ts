import { EventEmitter } from "node:events";
import { ParticipantKind, RoomEvent, RpcError, type Room } from "livekit-client";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Receiver, type SecretCard } from "../src/receiver";
import { seal } from "./vectors";

const VALUE = "correct-horse-battery";
const ID = "AAAAAAAAAAAAAAAAAAAAAA";

type Handler = (reader: AsyncIterable<string>, from: { identity: string }) => void;

/** A room as far as a receiver sees it; it never does I/O. */
class FakeRoom extends EventEmitter {
  readonly name = "lobby";
  readonly state = "disconnected";
  readonly handlers = new Map<string, Handler>();
  readonly remoteParticipants = new Map([
    ["agent", { kind: ParticipantKind.AGENT }],
    ["mallory", { kind: ParticipantKind.STANDARD }],
  ]);
  readonly acks: string[] = [];
  readonly announced: string[] = [];
  /** What the agent answers to each acknowledgement, in turn; the last one stays. */
  answers: (() => string)[] = [() => JSON.stringify({ id: ID, state: "shown", first: true })];
  mayAnnounce = true;
  attributes: Record<string, string> = {};

  get localParticipant() {
    return {
      identity: "ann",
      attributes: this.attributes,
      setAttributes: async (attributes: Record<string, string>) => {
        if (!this.mayAnnounce) throw new Error("no permission");
        this.announced.push(attributes["offmic.key"] ?? "");
      },
      performRpc: async (call: { payload: string }) => {
        this.acks.push(call.payload);
        const next = this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!;
        return next();
      },
    };
  }

  registerTextStreamHandler(topic: string, handler: Handler): void {
    this.handlers.set(topic, handler);
  }

  unregisterTextStreamHandler(topic: string): void {
    this.handlers.delete(topic);
  }

  send(body: string, identity = "agent"): void {
    const chunks = (async function* () {
      yield body.slice(0, 10);
      yield body.slice(10);
    })();
    const reader = Object.assign(chunks, { withAbortSignal: () => chunks });
    this.handlers.get("offmic.secret")?.(reader, { identity });
  }
}

async function attached(onCard: (card: SecretCard) => void = () => {}) {
  const receiver = await Receiver.create();
  const room = new FakeRoom();
  const cards: SecretCard[] = [];
  const changes: string[] = [];
  let refused = 0;
  const end = receiver.attach(room as unknown as Room, {
    onCard: (card) => {
      onCard(card);
      cards.push(card);
    },
    onChange: (card) => changes.push(card.state),
    onRefused: () => (refused += 1),
  });
  const body = (more: object = {}) =>
    seal(
      {
        id: ID,
        room: "lobby",
        to: "ann",
        key: receiver.key,
        label: "door code",
        kind: "code",
        ttl_ms: 60_000,
        once: false,
        ...more,
      },
      VALUE,
    );
  return { receiver, room, cards, changes, end, body, refused: () => refused };
}

afterEach(() => vi.useRealTimers());

describe("announcing", () => {
  it("tells the key when connected, and again after a reconnection", async () => {
    const { receiver, room } = await attached();
    room.emit(RoomEvent.Connected);
    room.emit(RoomEvent.Reconnected);
    expect(room.announced).toEqual([receiver.key, receiver.key]);
  });

  it("leaves alone a key that the token carries", async () => {
    const { receiver, room } = await attached();
    room.attributes = { "offmic.key": receiver.key };
    room.emit(RoomEvent.Connected);
    expect(room.announced).toEqual([]);
  });

  it("says when the room does not let it", async () => {
    const { room, refused } = await attached();
    room.mayAnnounce = false;
    room.emit(RoomEvent.Connected);
    await vi.waitFor(() => expect(refused()).toBe(1));
  });

  it("makes a fresh key each time", async () => {
    expect((await Receiver.create()).key).not.toBe((await Receiver.create()).key);
  });
});

describe("receiving", () => {
  it("shows the card first and acknowledges then", async () => {
    const before: number[] = [];
    const { room, cards, body } = await attached(() => before.push(room.acks.length));
    room.send(await body());
    await vi.waitFor(() => expect(room.acks).toHaveLength(1));
    expect(before).toEqual([0]);
    expect(JSON.parse(room.acks[0]!)).toEqual({ id: ID, state: "shown" });
    expect(cards[0]?.reveal()).toBe(VALUE);
  });

  it("takes nothing from a participant who is no agent, nor from a stranger", async () => {
    const { room, cards, body } = await attached();
    room.send(await body(), "mallory");
    room.send(await body(), "nobody");
    room.send(await body());
    await vi.waitFor(() => expect(room.acks).toHaveLength(1));
    expect(cards).toHaveLength(1);
  });

  it("does not acknowledge what it could not show, and takes its repeat", async () => {
    let works = false;
    const { room, cards, body } = await attached(() => {
      if (!works) throw new Error("no screen");
    });
    room.send(await body());
    await vi.waitFor(() => expect(cards).toHaveLength(0));
    await new Promise((resolve) => setTimeout(resolve, 0));
    works = true;
    room.send(await body());
    await vi.waitFor(() => expect(cards).toHaveLength(1));
    expect(room.acks).toHaveLength(1);
  });

  it("makes an acknowledgement again whose answer was lost", async () => {
    const { room, cards, changes, body } = await attached();
    const lost = () => {
      throw new RpcError(RpcError.ErrorCode.RESPONSE_TIMEOUT, "lost");
    };
    room.answers.unshift(lost);
    room.send(await body({ once: true }));
    await vi.waitFor(() => expect(changes).toEqual(["ready"]), 3_000);
    expect(room.acks).toHaveLength(2);
    expect(cards[0]?.reveal()).toBe(VALUE);
  });

  it("does not try again after the agent's own refusal", async () => {
    vi.useFakeTimers();
    const { room, changes, body } = await attached();
    room.answers = [
      () => {
        throw new RpcError(4004, "no such delivery");
      },
    ];
    room.send(await body({ once: true }));
    await vi.waitFor(() => expect(room.acks).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(room.acks).toHaveLength(1);
    expect(changes).toEqual([]);
  });

  it("withdraws a card that came after its time", async () => {
    const { room, cards, changes, body } = await attached();
    room.answers = [() => JSON.stringify({ id: ID, state: "expired", first: false })];
    room.send(await body());
    await vi.waitFor(() => expect(changes).toEqual(["gone"]));
    expect(cards[0]?.reveal()).toBeNull();
  });

  it("tells when a card is gone", async () => {
    vi.useFakeTimers();
    const { room, cards, changes, body } = await attached();
    room.send(await body());
    await vi.waitFor(() => expect(cards).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(60_001);
    expect(changes).toEqual(["gone"]);
    expect(cards[0]?.reveal()).toBeNull();
  });

  it("wipes every value and takes no more when it has ended", async () => {
    const { room, cards, end, body } = await attached();
    room.send(await body());
    await vi.waitFor(() => expect(cards).toHaveLength(1));
    end();
    expect(cards[0]?.reveal()).toBeNull();
    expect(room.handlers.size).toBe(0);
  });
});
