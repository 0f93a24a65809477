/**
 * The secrets on the screen. A value stands in the document only between the press that reveals it
 * and the one that hides it, or its end; a masked card holds no trace of it, not even its length.
 */

import type { SecretCard } from "../receiver";
import { announce, find, make } from "./dom";

const MASK = "••••••••••";
const TICK_MS = 250;
const COPIED_MS = 2_000;
const SVG = "http://www.w3.org/2000/svg";

/** All cards that are live. */
export class Cards {
  readonly #list = find<HTMLUListElement>("cards");
  readonly #empty = find("empty");
  readonly #emptyText = this.#empty.textContent ?? "";
  readonly #views = new Map<string, CardView>();

  /** Put a card on the screen, its value hidden. */
  show(card: SecretCard): void {
    const view = new CardView(card, () => this.#remove(card.id));
    this.#views.set(card.id, view);
    this.#list.prepend(view.element);
    this.#empty.hidden = true;
    announce(`${card.label} is on your screen, hidden.`);
  }

  /** Follow what became of a card. */
  update(card: SecretCard): void {
    if (card.state !== "gone") {
      this.#views.get(card.id)?.refresh();
      return;
    }
    if (!this.#views.has(card.id)) return;
    this.#remove(card.id);
    announce(`${card.label} is gone.`);
    this.#empty.textContent = `The ${card.label} is gone. Ask again whenever you need it.`;
  }

  /** Take all of them off the screen. */
  clear(): void {
    for (const id of [...this.#views.keys()]) this.#remove(id);
    this.#empty.textContent = this.#emptyText;
  }

  #remove(id: string): void {
    const view = this.#views.get(id);
    if (view === undefined) return;
    const hadFocus = view.element.contains(document.activeElement);
    view.end();
    this.#views.delete(id);
    this.#empty.hidden = this.#views.size > 0;
    this.#empty.textContent = this.#emptyText;
    // Who was on the card with the keyboard goes on from its place.
    if (hadFocus) find("talk-title").focus();
  }
}

class CardView {
  readonly element = make("li", "card");
  readonly #card: SecretCard;
  readonly #onDone: () => void;
  readonly #value = make("code", "value", MASK);
  readonly #toggle = make("button", "toggle", "Show");
  readonly #copy = make("button", "copy", "Copy");
  readonly #left = make("span", "left");
  readonly #clock: ReturnType<typeof setInterval>;
  #isRevealed = false;

  constructor(card: SecretCard, onDone: () => void) {
    this.#card = card;
    this.#onDone = onDone;
    this.#fill();
    this.#toggle.addEventListener("click", () => (this.#isRevealed ? this.#hide() : this.#reveal()));
    this.#copy.addEventListener("click", () => void this.#toClipboard());
    this.#clock = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
    this.refresh();
  }

  /** Follow the card's state. */
  refresh(): void {
    const { state, once } = this.#card;
    const canShow = state === "ready" || this.#isRevealed;
    this.#toggle.disabled = !canShow;
    // A secret that is shown once is copied from the screen: copying must not use it up unseen.
    this.#copy.disabled = once ? !this.#isRevealed : !canShow;
    this.#toggle.textContent = !this.#isRevealed ? "Show" : once ? "Done" : "Hide";
    this.#toggle.setAttribute("aria-label", `${this.#toggle.textContent} ${this.#card.label}`);
    this.#copy.setAttribute("aria-label", `Copy ${this.#card.label}`);
    this.element.dataset["state"] = this.#isRevealed ? "revealed" : state;
  }

  /** Take it off the screen, and its value out of the document. */
  end(): void {
    clearInterval(this.#clock);
    this.#value.textContent = "";
    this.element.remove();
  }

  #fill(): void {
    const { label, once } = this.#card;
    const title = make("h3", "label", label);
    const head = make("div", "card-head");
    head.append(title, this.#ring());
    const note = make("p", "note", once ? "Shown one time, then gone." : "");
    note.hidden = !once;
    const buttons = make("div", "card-buttons");
    this.#toggle.type = this.#copy.type = "button";
    buttons.append(this.#toggle, this.#copy);
    this.#value.setAttribute("aria-label", `${label}, hidden`);
    this.#value.setAttribute("role", "group");
    this.element.append(head, this.#value, note, buttons);
    this.element.dataset["id"] = this.#card.id;
  }

  #ring(): HTMLElement {
    const box = make("div", "ring");
    const picture = document.createElementNS(SVG, "svg");
    picture.setAttribute("viewBox", "0 0 40 40");
    picture.setAttribute("aria-hidden", "true");
    for (const name of ["track", "run"]) {
      const circle = document.createElementNS(SVG, "circle");
      circle.setAttribute("class", name);
      circle.setAttribute("cx", "20");
      circle.setAttribute("cy", "20");
      circle.setAttribute("r", "17");
      circle.setAttribute("pathLength", "100");
      circle.style.setProperty("animation-duration", `${this.#card.leftMs}ms`);
      picture.append(circle);
    }
    box.append(picture, this.#left);
    return box;
  }

  #tick(): void {
    const { leftMs } = this.#card;
    const seconds = Math.ceil(leftMs / 1_000);
    const minutes = Math.floor(seconds / 60);
    const short = minutes ? `${minutes}:${String(seconds % 60).padStart(2, "0")}` : `${seconds}`;
    if (this.#left.textContent !== short) this.#left.textContent = short;
    this.element.classList.toggle("ending", leftMs < 10_000);
    // A page in the background is woken late: what is over goes as soon as it is.
    if (leftMs === 0) this.#onDone();
  }

  #reveal(): void {
    const value = this.#card.reveal();
    if (value === null) return this.refresh();
    this.#isRevealed = true;
    this.#value.textContent = value;
    this.#value.setAttribute("aria-label", this.#card.label);
    // Within reach of the keyboard: a long one scrolls.
    this.#value.tabIndex = 0;
    this.#value.focus();
    this.refresh();
  }

  #hide(): void {
    if (this.#card.once) return this.#onDone();
    this.#isRevealed = false;
    this.#value.textContent = MASK;
    this.#value.setAttribute("aria-label", `${this.#card.label}, hidden`);
    this.#value.removeAttribute("tabindex");
    this.refresh();
  }

  async #toClipboard(): Promise<void> {
    const value = this.#card.once ? this.#value.textContent : this.#card.reveal();
    if (value === null) return;
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      said = "Not copied";
    }
    this.#copy.textContent = said;
    announce(`${this.#card.label}: ${said.toLowerCase()}.`);
    setTimeout(() => (this.#copy.textContent = "Copy"), COPIED_MS);
  }
}
