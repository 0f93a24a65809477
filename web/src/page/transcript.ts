/** What was said, line by line, as it comes; it shows text and never markup. */

import type { Room, TextStreamReader } from "livekit-client";
import { find, make } from "./dom";

const TOPIC = "lk.transcription";
const FINAL = "lk.transcription_final";
const SEGMENT = "lk.segment_id";
const MOST_LINES = 200;
const LABEL = /\[([^[\]]{1,80})\]/g;

type Speaker = "you" | "agent" | "other";
const NAMES: Record<Speaker, string> = { you: "You", agent: "Assistant", other: "Someone else" };

interface Line {
  readonly element: HTMLLIElement;
  readonly words: HTMLElement;
  isFinal: boolean;
}

/** The lines of one call. */
export class Transcript {
  readonly #list = find<HTMLOListElement>("lines");
  readonly #box = find("lines-box");
  readonly #lines = new Map<string, Line>();
  readonly #labels = new Set<string>();

  /** Show what is said in a room; `who` tells whose identity it is. */
  attach(room: Room, who: (identity: string) => Speaker): void {
    room.registerTextStreamHandler(TOPIC, (reader, { identity }) => {
      void this.#read(reader, who(identity));
    });
  }

  /** Add what was typed here. */
  addTyped(text: string): void {
    this.#write(crypto.randomUUID(), "you", text, true);
  }

  /** From now on this label, in brackets, is shown as the name of a card. */
  know(label: string): void {
    this.#labels.add(label);
    for (const { words } of this.#lines.values()) this.#render(words, words.textContent ?? "");
  }

  /** Start with an empty page. */
  clear(): void {
    this.#list.replaceChildren();
    this.#lines.clear();
  }

  async #read(reader: TextStreamReader, speaker: Speaker): Promise<void> {
    const { attributes, id } = reader.info;
    const segment = attributes?.[SEGMENT] ?? id;
    let text = "";
    try {
      for await (const part of reader) {
        text += part;
        this.#write(segment, speaker, text, false);
      }
    } catch {
      // Broken off: what came of it stays.
    }
    // A user's words come as one stream for each guess; only the last one is final.
    const isFinal = speaker !== "you" || reader.info.attributes?.[FINAL] === "true";
    if (text) this.#write(segment, speaker, text, isFinal);
  }

  #write(segment: string, speaker: Speaker, text: string, isFinal: boolean): void {
    let line = this.#lines.get(segment);
    if (line === undefined) {
      line = this.#add(segment, speaker);
    } else if (line.isFinal && !isFinal) {
      return;
    }
    line.isFinal = isFinal;
    line.element.classList.toggle("unsure", !isFinal && speaker === "you");
    this.#render(line.words, text);
    this.#follow();
  }

  #add(segment: string, speaker: Speaker): Line {
    const element = make("li", `line ${speaker}`);
    const words = make("p", "words");
    element.append(make("span", "who", NAMES[speaker]), words);
    this.#list.append(element);
    const line = { element, words, isFinal: false };
    this.#lines.set(segment, line);
    if (this.#lines.size > MOST_LINES) {
      const [oldest] = this.#lines.keys();
      this.#lines.get(oldest!)?.element.remove();
      this.#lines.delete(oldest!);
    }
    return line;
  }

  #render(words: HTMLElement, text: string): void {
    const parts: (string | HTMLElement)[] = [];
    let done = 0;
    for (const found of text.matchAll(LABEL)) {
      if (!this.#labels.has(found[1]!)) continue;
      parts.push(text.slice(done, found.index), make("mark", "secret-name", found[0]));
      done = found.index + found[0].length;
    }
    words.replaceChildren(...parts, text.slice(done));
  }

  #follow(): void {
    // Without a jump for who scrolled up to read.
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    if (scrollHeight - scrollTop - clientHeight < 160) this.#box.scrollTop = scrollHeight;
  }
}
