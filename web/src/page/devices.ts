/** The choice of a microphone; it must never ask for one by itself. */

import { Room } from "livekit-client";
import { find, make } from "./dom";

const KIND = "audioinput";

/** The list of microphones of one call. */
export class Devices {
  readonly #list = find<HTMLSelectElement>("devices");
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
    this.#list.addEventListener("change", this.#choose);
    navigator.mediaDevices?.addEventListener("devicechange", this.refresh);
  }

  /** Stop following the devices. */
  end(): void {
    this.#list.removeEventListener("change", this.#choose);
    navigator.mediaDevices?.removeEventListener("devicechange", this.refresh);
    this.#list.disabled = true;
  }

  /** Show what there is; names are known once a microphone was opened. */
  readonly refresh = async (): Promise<void> => {
    const found = await Room.getLocalDevices(KIND, false).catch(() => []);
    const named = found.filter((device) => device.label !== "");
    if (named.length === 0) return;
    const active = this.#room.getActiveDevice(KIND) ?? "default";
    this.#list.replaceChildren(
      ...named.map(({ deviceId, label }) => {
        const option = make("option", "", label);
        option.value = deviceId;
        option.selected = deviceId === active;
        return option;
      }),
    );
    this.#list.disabled = false;
  };

  readonly #choose = async (): Promise<void> => {
    await this.#room.switchActiveDevice(KIND, this.#list.value).catch(() => this.refresh());
  };
}
