// Sharing the screen, on a press: the browser asks what to share, and its own bar can end it.

export interface Shared {
  readonly picture: MediaStreamTrack;
  readonly sound?: MediaStreamTrack; // where the browser and the chosen surface have it
  readonly preview: MediaStream;
  readonly stop: () => void;
}

// With the sound of a whole screen the others would hear themselves: the browser leaves out what this
// page plays, where it can. All else of the sound is sent as it is.
const SOUND: MediaTrackConstraints & { readonly restrictOwnAudio: boolean } = {
  restrictOwnAudio: true,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

export function canShare(): boolean {
  return "getDisplayMedia" in (navigator.mediaDevices ?? {});
}

/** Undefined: the person chose nothing, or the browser refused. `ended` comes from the outside only. */
export async function shareScreen(ended: () => void): Promise<Shared | undefined> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { max: 30 } },
      audio: SOUND,
    });
  } catch {
    return undefined;
  }
  const [picture] = stream.getVideoTracks();
  const [sound] = stream.getAudioTracks();
  if (!picture) return undefined;
  picture.onended = ended;
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  const preview = new MediaStream([picture]);
  return sound ? { picture, sound, preview, stop } : { picture, preview, stop };
}
