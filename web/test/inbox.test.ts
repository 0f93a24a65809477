import { beforeEach, describe, expect, it } from "vitest";
import { Inbox } from "../src/receiver/inbox";
import { Opener } from "../src/receiver/sealing";
import type { Head } from "../src/receiver/wire";
import { seal } from "./vectors";

const ROOM = "lobby";
const ME = "ann";
const VALUE = "correct-horse-battery";

let nowMs = 0;
let key = "";
let inbox: Inbox;

beforeEach(async () => {
  nowMs = 1_000;
  const opener = await Opener.create();
  key = opener.key;
  inbox = new Inbox(opener, () => nowMs);
});

function head(more: Partial<Head> = {}): Head {
  return {
    id: "AAAAAAAAAAAAAAAAAAAAAA",
    room: ROOM,
    to: ME,
    key,
    label: "Wi-Fi password",
    kind: "password",
    ttl_ms: 60_000,
    once: false,
    ...more,
  };
}

async function take(more: Partial<Head> = {}) {
  return inbox.take(await seal(head(more), VALUE), ROOM, ME);
}

function answer(state: string, first: boolean) {
  return inbox.takeAnswer(JSON.stringify({ id: head().id, state, first }));
}

describe("an envelope", () => {
  it("becomes a card that can be revealed again and again", async () => {
    const taken = await take();
    expect(taken?.ack).toEqual({ id: head().id, state: "shown" });
    expect(taken?.card).toMatchObject({ label: "Wi-Fi password", state: "ready", leftMs: 60_000 });
    expect(taken?.card?.reveal()).toBe(VALUE);
    expect(taken?.card?.reveal()).toBe(VALUE);
  });

  it("for another key is dropped without an answer", async () => {
    const other = await Opener.create();
    expect(await take({ key: other.key })).toBeNull();
  });

  it.each([{ room: "elsewhere" }, { to: "bob" }])("with %j is rejected", async (wrong) => {
    const taken = await take(wrong);
    expect(taken).toEqual({ ack: { id: head().id, state: "rejected" }, card: null });
  });

  it("that does not open is rejected", async () => {
    const body = await seal(head(), VALUE);
    const forged = body.replace("Wi-Fi password", "Wi-Fi passw0rd");
    expect((await inbox.take(forged, ROOM, ME))?.ack.state).toBe("rejected");
  });

  it("gets one card, and each repeat the same acknowledgement", async () => {
    const both = await Promise.all([take(), take()]);
    expect(both.map((taken) => taken?.ack.state)).toEqual(["shown", "shown"]);
    expect(both.map((taken) => taken?.card === null)).toEqual([false, true]);
    nowMs += 60_001;
    expect((await take())?.ack.state).toBe("shown");
  });

  it("that was rejected stays rejected, whatever comes after it", async () => {
    await take({ room: "elsewhere" });
    expect(await take()).toEqual({ ack: { id: head().id, state: "rejected" }, card: null });
  });

  it("whose time is over at its receipt is acknowledged as expired", async () => {
    expect(await take({ ttl_ms: 0 })).toEqual({
      ack: { id: head().id, state: "expired" },
      card: null,
    });
  });

  it("counts its time from receipt, also while another is being opened", async () => {
    const first = take({ id: "BAAAAAAAAAAAAAAAAAAAAA" });
    const body = await seal(head({ ttl_ms: 10 }), VALUE);
    const second = inbox.take(body, ROOM, ME);
    nowMs += 20;
    await first;
    expect((await second)?.ack.state).toBe("expired");
  });
});

describe("a card", () => {
  it("is gone when its time is over, and its value with it", async () => {
    const card = (await take())!.card!;
    nowMs += 59_999;
    expect(card.reveal()).toBe(VALUE);
    nowMs += 1;
    expect(card.state).toBe("gone");
    expect(card.reveal()).toBeNull();
    nowMs -= 1_000;
    expect(card.reveal()).toBeNull();
  });

  it("is gone when the receiver is closed", async () => {
    const card = (await take())!.card!;
    inbox.close();
    expect(card.reveal()).toBeNull();
  });

  it("that was forgotten is shown by the next repeat", async () => {
    const { card } = (await take())!;
    inbox.forget(card!.id);
    expect(card!.reveal()).toBeNull();
    expect((await take())?.card?.reveal()).toBe(VALUE);
  });

  it.each(["expired", "rejected", "failed"])(
    "is gone when the agent answers %s: its time was over before it came",
    async (state) => {
      const card = (await take())!.card!;
      expect(answer(state, false)).toBe(card);
      expect(card.state).toBe("gone");
      expect(card.reveal()).toBeNull();
      expect(answer(state, false)).toBeNull();
    },
  );

  it("stays when the agent answers shown, also to a second connection", async () => {
    const card = (await take())!.card!;
    expect(answer("shown", false)).toBeNull();
    expect(card.reveal()).toBe(VALUE);
  });

  it("never holds the value where others can read it", async () => {
    const { card } = (await take())!;
    expect(JSON.stringify(card)).not.toContain(VALUE);
    expect(Object.values(card!)).not.toContain(VALUE);
  });
});

describe("a once secret", () => {
  it("is revealed only after the agent said that this receiver is the first, and one time", async () => {
    const card = (await take({ once: true }))!.card!;
    expect(card.state).toBe("waiting");
    expect(card.reveal()).toBeNull();
    expect(answer("shown", true)).toBe(card);
    expect(card.reveal()).toBe(VALUE);
    expect(card.state).toBe("spent");
    expect(card.reveal()).toBeNull();
  });

  it.each([
    ["shown", false],
    ["expired", true],
    ["failed", false],
  ])("is gone when the agent answers %s, first: %s", async (state, first) => {
    const card = (await take({ once: true }))!.card!;
    expect(answer(state, first)).toBe(card);
    expect(card.state).toBe("gone");
    expect(card.reveal()).toBeNull();
  });

  it("is not given back by a second answer or a repeat", async () => {
    const card = (await take({ once: true }))!.card!;
    answer("shown", true);
    card.reveal();
    expect(answer("shown", true)).toBeNull();
    expect((await take({ once: true }))?.card).toBeNull();
    expect(card.reveal()).toBeNull();
  });

  it("takes no word for another id", async () => {
    const card = (await take({ once: true }))!.card!;
    inbox.takeAnswer(JSON.stringify({ id: "someone-else", state: "shown", first: true }));
    expect(card.state).toBe("waiting");
  });
});
