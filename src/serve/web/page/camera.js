// Frames of the device's camera, one at a time.

const SIDE = 1280;  // of what is sent, at most
const QUALITY = 0.85;

const WORDS = {
  NotAllowedError: 'The browser was not allowed to use the camera.', NotFoundError: 'This device has no camera.',
  NotReadableError: 'Another program is using the camera.', OverconstrainedError: 'This camera is not there any more.',
};

export class Camera {
  // Throws an Error whose message is for people.
  static async open(device) {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error('Browsers give the camera only to pages from https:// or from localhost.');
    }
    const camera = new Camera();
    try {
      const video = device ? {deviceId: {exact: device}} : {facingMode: 'environment', width: {ideal: SIDE}};
      camera.stream = await navigator.mediaDevices.getUserMedia({video, audio: false});
      Object.assign(camera.video, {srcObject: camera.stream, muted: true, playsInline: true});
      await camera.video.play();
    } catch (error) {
      camera.close();
      throw new Error(WORDS[error.name] ?? `No camera: ${error.message}`);
    }
    return camera;
  }

  constructor() {
    this.video = document.createElement('video');
    this.canvas = document.createElement('canvas');
    this.closing = new AbortController();
  }

  // Ends the request for the frame that is out, too.
  close() {
    this.closing.abort();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }

  get closed() {
    return this.closing.signal.aborted;
  }

  get device() {
    return this.stream.getVideoTracks()[0]?.getSettings().deviceId ?? '';
  }

  async frame() {
    const {video, canvas} = this;
    const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.max(1, Math.round(video.videoWidth * scale));
    canvas.height = Math.max(1, Math.round(video.videoHeight * scale));
    canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
    const bitmap = await createImageBitmap(canvas);
    const blob = await new Promise((done) => { canvas.toBlob(done, 'image/jpeg', QUALITY); });
    return {blob, bitmap, name: 'frame.jpg'};
  }
}

export async function cameras() {
  return (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === 'videoinput');
}
