// The server's own cameras: which there are, and what one of them shows.
import {ask} from './api.js';

const LOOK_AGAIN = 10000, LOOK_SOON = 1500;  // milliseconds

export async function serverCameras() {
  const answer = await (await ask('v1/cameras')).json();
  return Array.isArray(answer.cameras) ? answer.cameras : [];
}

// Where the part's picture begins, and how long it is; null: its header has not come yet.
function partOf(bytes) {
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (bytes[at] !== 13 || bytes[at + 1] !== 10 || bytes[at + 2] !== 13 || bytes[at + 3] !== 10) continue;
    const header = new TextDecoder('latin1').decode(bytes.subarray(0, at));
    const length = /content-length: *(\d+)/i.exec(header);
    if (!length) throw new Error('a picture of the camera has no length');
    return {begin: at + 4, end: at + 4 + Number(length[1])};
  }
  return null;
}

// The pictures of a camera with their boxes drawn, as Blobs. An <img> could send no token. While nobody takes the next
// one the server leaves out what comes meanwhile.
export async function* pictures(name, signal) {
  const response = await ask(`v1/stream?${new URLSearchParams({camera: name, format: 'mjpeg'})}`, {signal});
  const reader = response.body.getReader();
  let bytes = new Uint8Array();
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const all = new Uint8Array(bytes.length + value.length);
    all.set(bytes);
    all.set(value, bytes.length);
    bytes = all;
    for (let part = partOf(bytes); part && part.end <= bytes.length; part = partOf(bytes)) {
      yield new Blob([bytes.subarray(part.begin, part.end)], {type: 'image/jpeg'});
      bytes = bytes.slice(part.end);
    }
  }
}

const STATES = {closed: 'nobody watches', opening: 'opening', live: 'live', away: 'away'};

function rowOf(camera, pressed, choose) {
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.name = camera.name;
  button.setAttribute('aria-pressed', pressed);
  const name = Object.assign(document.createElement('span'), {className: 'model-name', textContent: camera.name});
  const size = camera.width ? `${camera.width} × ${camera.height}` : '';
  const facts = [STATES[camera.state] ?? camera.state, size, camera.model, camera.reason].filter(Boolean).join(' · ');
  const line = Object.assign(document.createElement('span'), {className: camera.state === 'away' ? 'facts not-ready' : 'facts', textContent: facts});
  button.append(name, line);
  button.addEventListener('click', () => choose(camera.name));
  return button;
}

// The list on the page. `onPicture(name, blob)` may take its time, `onError(error, again)` says why there is none.
export class Watch {
  constructor(byId, {onBegin, onPicture, onError}) {
    Object.assign(this, {byId, onBegin, onPicture, onError, cameras: [], name: '', watching: null});
    setInterval(() => {
      if (this.cameras.length && !document.hidden) this.look();
    }, LOOK_AGAIN);
  }

  // Nothing is said of a server that answers with no list: it has no cameras to show.
  async look() {
    this.cameras = await serverCameras().catch(() => this.cameras);
    this.list();
  }

  list() {
    this.byId('cameras-panel').hidden = this.cameras.length === 0;
    const focused = document.activeElement?.closest('#cameras') && document.activeElement.dataset.name;
    this.byId('cameras').replaceChildren(...this.cameras.map(
      (one) => rowOf(one, one.name === this.name, (name) => (name === this.name ? this.stop() : this.start(name)))));
    if (focused) this.byId('cameras').querySelector(`[data-name="${CSS.escape(focused)}"]`)?.focus();
  }

  stop() {
    this.watching?.abort();
    this.watching = null;
    this.name = '';
    this.list();
  }

  async start(name) {
    this.stop();
    this.onBegin(name);
    const watching = new AbortController();
    this.watching = watching;
    this.name = name;
    this.list();
    setTimeout(() => this.look(), LOOK_SOON);  // why there is no picture, perhaps
    let first = true;
    while (!watching.signal.aborted) {
      try {
        for await (const blob of pictures(name, watching.signal)) {
          if (watching.signal.aborted) return;
          await this.onPicture(name, blob);
          if (first) this.look();
          first = false;
        }
      } catch (error) {
        if (watching.signal.aborted) return;
        if (error.status) {
          this.stop();
          this.onError(error, () => this.start(name));
          return;
        }
      }
      await new Promise((done) => setTimeout(done, 2000));  // the server has ended it, or cannot be reached
    }
  }
}
