/** The page: joins the parts. No value may ever pass through here. */

import { LogLevel, setLogLevel } from "livekit-client";
import { Call, type AgentState, type Ending } from "./page/call";
import { Cards } from "./page/cards";
import { Devices } from "./page/devices";
import { announce, find } from "./page/dom";
import { Meter } from "./page/meter";
import { forgetCall, keepCall, lastCall, Refused, requestToken } from "./page/tab";
import { Transcript } from "./page/transcript";
import { Receiver } from "./receiver";

// What is said and sent does not belong into the console.
setLogLevel(LogLevel.silent);

const AGENT_WORDS: Record<AgentState, string> = {
  away: "Waiting for the assistant",
  starting: "The assistant is coming",
  listening: "Listening",
  thinking: "Thinking",
  speaking: "Speaking",
};

const ENDING_WORDS: Record<Ending, string> = {
  left: "You left the call.",
  elsewhere: "This call goes on in another tab.",
  "agent-left": "The assistant has ended the call.",
  lost: "The connection was lost.",
};

const cards = new Cards();
const transcript = new Transcript();
const password = find<HTMLInputElement>("password");
const typed = find<HTMLInputElement>("typed");
let current: Call | null = null;
let devices: Devices | null = null;
let meter: Meter | null = null;
let releases: (() => void)[] = [];

async function start(isMuted: boolean): Promise<void> {
  if (current !== null) return;
  tell("");
  setPhase("connecting");
  const call = new Call({
    onAgent: showAgent,
    onConnection: (isConnected) => showConnection(isConnected),
    onNoAgent: () => tell("No assistant has come. Is a worker running?", "Start again", restart),
    onMicrophone: showMicrophone,
    onSilenced: (isSilenced) => showSilenced(call, isSilenced),
    onEnd: (ending) => finish(call, ending),
  });
  current = call;
  const chosen = new Devices(call.room);
  devices = chosen;
  releases.push(() => chosen.end());
  try {
    const receiver = await Receiver.create();
    const admission = await requestToken(receiver.key, password.value);
    password.value = "";
    releases.push(
      receiver.attach(call.room, {
        onCard: (card) => {
          cards.show(card);
          transcript.know(card.label);
        },
        onChange: (card) => cards.update(card),
        onRefused: () => tell("Secrets cannot be shown in this call."),
      }),
    );
    transcript.attach(call.room, (identity) => call.whose(identity));
    await call.join(admission);
  } catch (error) {
    await fail(call, error);
    return;
  }
  if (current !== call) return;
  setPhase("call");
  keepCall(isMuted);
  find("talk-title").focus();
  announce("Connected.");
  if (!isMuted) await openMicrophone(call);
  else showMicrophone(null);
}

async function fail(call: Call, error: unknown): Promise<void> {
  // Ended in the meantime: its ending was told.
  if (current !== call) return;
  current = null;
  release();
  await call.room.disconnect();
  setPhase("idle");
  const isRefused = error instanceof Refused;
  const needsPassword = isRefused && error.needsPassword;
  find("password-field").hidden = !needsPassword;
  tell(isRefused ? error.message : "The call could not be connected. Is the server running?");
  (needsPassword ? password : find("start")).focus();
}

async function openMicrophone(call: Call): Promise<void> {
  try {
    await call.listen(true);
    await devices?.refresh();
  } catch {
    showMicrophone(null);
    tell("No microphone can be used here. You can type instead.");
  }
}

function finish(call: Call, ending: Ending): void {
  if (current !== call) return;
  current = null;
  release();
  cards.clear();
  transcript.clear();
  // In another tab the same call goes on under the same name; everywhere else it is over.
  if (ending !== "lost") forgetCall();
  setPhase("idle");
  find("start-text").textContent = "Start again";
  tell(ENDING_WORDS[ending]);
  find("start").focus();
}

function release(): void {
  for (const end of releases) end();
  releases = [];
}

async function restart(): Promise<void> {
  await current?.leave();
  await start(false);
}

function setPhase(phase: "idle" | "connecting" | "call"): void {
  document.body.dataset["phase"] = phase;
  find("welcome").hidden = phase === "call";
  find("call").hidden = find("controls").hidden = phase !== "call";
  find<HTMLButtonElement>("start").disabled = phase === "connecting";
  // Until a microphone is open there is none to mute.
  find<HTMLButtonElement>("mute").disabled = true;
  find("state-text").textContent =
    phase === "call" ? "Connected" : phase === "connecting" ? "Connecting" : "Not connected";
  if (phase !== "call") showAgent("away");
}

function showAgent(state: AgentState): void {
  find("orb").dataset["agent"] = state;
  find("talk-title").textContent = AGENT_WORDS[state];
  const canType = state !== "away";
  typed.disabled = find<HTMLButtonElement>("send").disabled = !canType;
  if (canType && find("notice-action").textContent === "Start again") tell("");
}

function showConnection(isConnected: boolean): void {
  if (document.body.dataset["phase"] !== "call") return;
  find("state-text").textContent = isConnected ? "Connected" : "Reconnecting";
  find("state").classList.toggle("shaky", !isConnected);
}

function showMicrophone(track: ConstructorParameters<typeof Meter>[0] | null): void {
  meter?.end();
  const isOn = track !== null && !track.isMuted;
  meter = isOn ? new Meter(track) : null;
  const mute = find<HTMLButtonElement>("mute");
  mute.classList.toggle("muted", !isOn);
  mute.disabled = false;
  find("mute-text").textContent = isOn ? "Mute" : "Unmute";
}

function showSilenced(call: Call, isSilenced: boolean): void {
  if (!isSilenced) {
    tell("");
    return;
  }
  tell("The browser keeps this page silent.", "Turn sound on", () => void call.room.startAudio());
}

function tell(text: string, action = "", act: () => unknown = () => undefined): void {
  find("notice").hidden = text === "";
  find("notice-text").textContent = text;
  const button = find<HTMLButtonElement>("notice-action");
  button.hidden = action === "";
  button.textContent = action;
  button.onclick = () => void act();
}

async function toggleMicrophone(): Promise<void> {
  const call = current;
  if (call === null) return;
  const isOn = !call.isListening;
  try {
    await call.listen(isOn);
    keepCall(!isOn);
    if (isOn) await devices?.refresh();
  } catch {
    tell("No microphone can be used here. You can type instead.");
  }
}

async function send(): Promise<void> {
  const text = typed.value.trim();
  if (text === "" || current === null) return;
  try {
    if (!(await current.type(text))) return;
  } catch {
    tell("That was not sent. Please try again.");
    return;
  }
  transcript.addTyped(text);
  typed.value = "";
}

find("join").addEventListener("submit", (event) => {
  event.preventDefault();
  void start(false);
});
find("typing").addEventListener("submit", (event) => {
  event.preventDefault();
  void send();
});
find("mute").addEventListener("click", () => void toggleMicrophone());
find("leave").addEventListener("click", () => void current?.leave());
window.addEventListener("pagehide", () => {
  cards.clear();
  release();
});
// A page that comes back from the browser's own cache has no call any more.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

const before = lastCall();
if (before !== null) void start(before === "muted");
