/**
 * One call: the room, the microphone and the agent in it. What is typed goes to the agent alone; it
 * must never be sent to the whole room.
 */

import {
  ConnectionState,
  DisconnectReason,
  ParticipantKind,
  Room,
  RoomEvent,
  Track,
  type LocalAudioTrack,
  type RemoteParticipant,
  type RemoteTrack,
} from "livekit-client";
import type { Admission } from "./tab";

const TOPIC_CHAT = "lk.chat";
const AGENT_STATE = "lk.agent.state";
/** How long an assistant may take to come before the page says that there is none. */
const AGENT_COMES_MS = 15_000;
/** How long a call without an assistant goes on: another one may take the place of one that died. */
const AGENT_RETURNS_MS = 10_000;

export type AgentState = "away" | "starting" | "listening" | "thinking" | "speaking";

/** Why a call is over. */
export type Ending = "left" | "elsewhere" | "agent-left" | "lost";

/** What the page wants to know of a call. */
export interface CallEvents {
  onAgent(state: AgentState): void;
  onConnection(isConnected: boolean): void;
  onNoAgent(): void;
  onMicrophone(track: LocalAudioTrack | null): void;
  onSilenced(isSilenced: boolean): void;
  onEnd(ending: Ending): void;
}

/** A call; made once, over when it has ended. */
export class Call {
  readonly room = new Room({
    // Who mutes is not to be recorded by an open device either.
    publishDefaults: { stopMicTrackOnMute: true },
    disconnectOnPageLeave: true,
  });
  readonly #events: CallEvents;
  readonly #sounds = new Map<string, HTMLMediaElement>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hadAgent = false;
  #isOver = false;

  constructor(events: CallEvents) {
    this.#events = events;
    this.room
      .on(RoomEvent.ParticipantConnected, this.#onAgent)
      .on(RoomEvent.ParticipantActive, this.#onAgent)
      .on(RoomEvent.ParticipantDisconnected, this.#onLeft)
      .on(RoomEvent.ParticipantAttributesChanged, this.#onAgent)
      .on(RoomEvent.TrackSubscribed, (track) => this.#play(track))
      .on(RoomEvent.TrackUnsubscribed, (track) => this.#stop(track))
      .on(RoomEvent.AudioPlaybackStatusChanged, (canPlay) => this.#events.onSilenced(!canPlay))
      .on(RoomEvent.ConnectionStateChanged, (state) =>
        this.#events.onConnection(state === ConnectionState.Connected),
      )
      .on(RoomEvent.Disconnected, (reason) => this.#onDisconnected(reason));
  }

  /** The agent in the room, undefined where there is none. */
  get agent(): RemoteParticipant | undefined {
    return [...this.room.remoteParticipants.values()].find(
      (participant) => participant.kind === ParticipantKind.AGENT,
    );
  }

  /** Join the room. */
  async join({ url, token }: Admission): Promise<void> {
    await this.room.connect(url, token);
    this.#timer = setTimeout(() => {
      if (this.agent === undefined) this.#events.onNoAgent();
    }, AGENT_COMES_MS);
    this.#onAgent();
  }

  /** Turn the microphone on or off; an exception says that there is none, or that it is refused. */
  async listen(isOn: boolean): Promise<void> {
    await this.room.localParticipant.setMicrophoneEnabled(isOn);
    const publication = this.room.localParticipant.getTrackPublication(Track.Source.Microphone);
    this.#events.onMicrophone((publication?.audioTrack as LocalAudioTrack | undefined) ?? null);
  }

  /** Whether a microphone is open. */
  get isListening(): boolean {
    return this.room.localParticipant.isMicrophoneEnabled;
  }

  /** Send what was typed, to the agent alone; false where there is none. */
  async type(text: string): Promise<boolean> {
    const agent = this.agent;
    if (agent === undefined) return false;
    await this.room.localParticipant.sendText(text, {
      topic: TOPIC_CHAT,
      destinationIdentities: [agent.identity],
    });
    return true;
  }

  /** Whose words these are. */
  whose(identity: string): "you" | "agent" | "other" {
    if (identity === this.room.localParticipant.identity) return "you";
    const kind = this.room.remoteParticipants.get(identity)?.kind;
    return kind === ParticipantKind.AGENT ? "agent" : "other";
  }

  /** Leave. */
  async leave(): Promise<void> {
    this.#end("left");
    await this.room.disconnect();
  }

  readonly #onAgent = (): void => {
    const agent = this.agent;
    if (agent === undefined) return;
    this.#hadAgent = true;
    clearTimeout(this.#timer);
    const said = agent.attributes[AGENT_STATE];
    this.#events.onAgent(
      said === "thinking" || said === "speaking"
        ? said
        : said === "listening" || said === "idle"
          ? "listening"
          : "starting",
    );
  };

  readonly #onLeft = (): void => {
    if (!this.#hadAgent || this.#isOver || this.agent !== undefined) return;
    this.#events.onAgent("away");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#end("agent-left");
      void this.room.disconnect();
    }, AGENT_RETURNS_MS);
  };

  #onDisconnected(reason: DisconnectReason | undefined): void {
    this.#end(reason === DisconnectReason.DUPLICATE_IDENTITY ? "elsewhere" : "lost");
  }

  #end(ending: Ending): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#events.onMicrophone(null);
    this.#events.onEnd(ending);
  }

  #play(track: RemoteTrack): void {
    if (track.kind !== Track.Kind.Audio || track.sid === undefined) return;
    const sound = track.attach();
    sound.hidden = true;
    document.body.append(sound);
    this.#sounds.set(track.sid, sound);
  }

  #stop(track: RemoteTrack): void {
    for (const sound of track.detach()) sound.remove();
    if (track.sid !== undefined) this.#sounds.delete(track.sid);
  }
}
