import { describe, expect, it } from "vitest";
import { readValue } from "../src/receiver/sealing";
import {
  ACK_STATES,
  ANSWER_FIELDS,
  HEAD_FIELDS,
  MAX_BODY_BYTES,
  readAnswer,
  readEnvelope,
} from "../src/receiver/wire";
import { envelopes, readJson, vectorOpener } from "./vectors";

interface Definition {
  required: string[];
  properties: Record<string, { type?: string; $ref?: string; enum?: string[] }>;
}

const schema = readJson("docs/wire.schema.json") as { $defs: Record<string, Definition> };

/** What a definition of the schema says each field holds. */
function tableOf(name: string): Record<string, string> {
  const definition = schema.$defs[name]!;
  expect(definition.required.toSorted()).toEqual(Object.keys(definition.properties).toSorted());
  return Object.fromEntries(
    // A reference and a list of words are strings with a pattern: the receiver checks the type.
    Object.entries(definition.properties).map(([field, of]) => [field, of.type ?? "string"]),
  );
}

describe("the types of the wire", () => {
  it("are those of the schema", () => {
    expect(HEAD_FIELDS).toEqual(tableOf("head"));
    expect(ANSWER_FIELDS).toEqual(tableOf("answer"));
    expect(Object.keys(tableOf("body")).toSorted()).toEqual(["head", "sealed", "v"]);
    expect(Object.keys(tableOf("ack")).toSorted()).toEqual(["id", "state"]);
    expect(ACK_STATES).toEqual(schema.$defs["ack"]!.properties["state"]!.enum);
  });
});

describe("the vectors", () => {
  it.each(envelopes.opens)("$name: opens to its value", async ({ body, head, value }) => {
    const envelope = readEnvelope(body);
    expect(envelope?.head).toEqual(head);
    const plain = await (await vectorOpener()).open(envelope!);
    expect(plain).not.toBeNull();
    expect(readValue(plain!)).toBe(value);
  });

  it.each(envelopes.does_not_open)("$name: is read and does not open", async ({ body }) => {
    const envelope = readEnvelope(body);
    expect(envelope).not.toBeNull();
    expect(await (await vectorOpener()).open(envelope!)).toBeNull();
  });

  it.each(envelopes.malformed)("$name: is dropped unread", ({ body }) => {
    expect(readEnvelope(body)).toBeNull();
  });
});

describe("reading", () => {
  it("counts bytes, not characters", () => {
    const { body } = envelopes.opens[0]!;
    const more = (text: string) => body.replace("{", `{"more":"${text}",`);
    expect(readEnvelope(more("x".repeat(MAX_BODY_BYTES / 2)))).not.toBeNull();
    expect(readEnvelope(more("ü".repeat(MAX_BODY_BYTES / 2)))).toBeNull();
  });

  it.each(["", "null", "[]", "{}", '{"id":"a","state":"shown"}', '{"id":"a","state":1,"first":true}'])(
    "takes %j for no answer",
    (payload) => {
      expect(readAnswer(payload)).toBeNull();
    },
  );
});
