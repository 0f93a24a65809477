/** How loud the microphone is, for the eye; sound must never be kept or sent from here. */

import { TrackEvent, type LocalAudioTrack } from "livekit-client";
import { find } from "./dom";

/** How much of the whole level each bar shows: the middle one the most. */
const WEIGHTS = [0.55, 0.8, 1, 0.8, 0.55] as const;
const FALL = 0.85;
const GAIN = 7;

/** Five bars that follow one microphone. */
export class Meter {
  readonly #bars = [...find("meter").children] as HTMLElement[];
  readonly #context = new AudioContext();
  readonly #analyser = this.#context.createAnalyser();
  readonly #samples: Float32Array<ArrayBuffer>;
  readonly #track: LocalAudioTrack;
  #source: MediaStreamAudioSourceNode | null = null;
  #level = 0;
  #frame = 0;

  constructor(track: LocalAudioTrack) {
    this.#track = track;
    this.#analyser.fftSize = 512;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    track.on(TrackEvent.Restarted, this.#listen);
    // After a reload the browser waits for a gesture before it lets sound be measured.
    document.addEventListener("pointerdown", this.#wake);
    document.addEventListener("keydown", this.#wake);
    this.#listen();
    this.#draw();
  }

  /** Stop listening. */
  end(): void {
    cancelAnimationFrame(this.#frame);
    this.#track.off(TrackEvent.Restarted, this.#listen);
    document.removeEventListener("pointerdown", this.#wake);
    document.removeEventListener("keydown", this.#wake);
    for (const bar of this.#bars) bar.style.removeProperty("transform");
    void this.#context.close();
  }

  readonly #wake = (): void => {
    if (this.#context.state === "suspended") void this.#context.resume();
  };

  readonly #listen = (): void => {
    this.#source?.disconnect();
    const stream = new MediaStream([this.#track.mediaStreamTrack]);
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  };

  readonly #draw = (): void => {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0);
    const now = Math.min(1, GAIN * Math.sqrt(power / this.#samples.length));
    this.#level = this.#track.isMuted ? 0 : Math.max(now, this.#level * FALL);
    this.#bars.forEach((bar, index) => {
      const height = 0.14 + 0.86 * this.#level * (WEIGHTS[index] ?? 0);
      bar.style.setProperty("transform", `scaleY(${height.toFixed(3)})`);
    });
    this.#frame = requestAnimationFrame(this.#draw);
  };
}
