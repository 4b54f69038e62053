// The page of a server: a picture goes there, boxes come back and are drawn here.
import {curlLine, detect, models as askModels, Refused, setToken, token} from './api.js';
import {Camera, cameras} from './camera.js';
import {Found} from './found.js';
import {Live, short} from './live.js';
import {drawBoxes, View} from './view.js';
import {Watch} from './watch.js';

const byId = (id) => document.getElementById(id);
const LOWEST = 0.05;  // what the server is asked for; the slider does the rest

const state = {models: [], model: null, picture: null, answer: null, asking: null, camera: null, countdown: null};

const view = new View(byId('view'), {
  onPoint: (box) => {
    found.hover(box);
    view.choose(box ?? found.chosen);
    byId('view').classList.toggle('on-box', box !== null);
  },
  onChoose: (box) => found.chooseInTable(box),
});
const found = new Found({
  onChange: (boxes) => {
    view.setBoxes(boxes);
    showRequest();
  },
  onChoose: (box) => view.choose(box),
});

// ---- messages ----

// `dismiss`: what follows from closing the message.
function say(text, action, act, dismiss) {
  clearInterval(state.countdown);
  state.dismiss = dismiss;
  byId('notice').hidden = !text;
  byId('notice-text').textContent = text ?? '';
  byId('notice-left').textContent = '';
  byId('notice-action').hidden = !action;
  byId('notice-action').textContent = action ?? '';
  byId('notice-action').onclick = act ?? null;
}

// Counts down to the moment from which the server wants to be asked again, and asks.
function sayFull(error, again, giveUp) {
  const until = performance.now() + Math.max(1, error.retryAfter || 1) * 1000;
  const tell = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left <= 0) {
      say(null);
      again();
      return;
    }
    byId('notice-left').textContent = `${left} s`;  // apart: a screen reader need not count along
  };
  say('The server has no room for more at the moment. It is asked again in', 'Stop asking', dismissNotice, giveUp);
  tell();
  state.countdown = setInterval(tell, 250);
}

const sayLocked = (again) => say('Without a token this server answers nothing.', 'Enter a token', again);

const WORDS = {
  0: () => '', 400: () => 'The server did not take the request. ', 404: () => 'The server does not know that. ',
  413: () => 'This picture is larger than the server takes. ', 415: () => 'The server cannot read this file as a picture. ',
  422: () => 'The server cannot read this file as a picture. ', 504: () => 'It waited longer than it may. ',
};

function explain(error, again) {
  if (!(error instanceof Refused)) {
    say(`This page failed: ${error.message}`);
    return;
  }
  if (error.status === 401 || error.status === 403) {
    askToken().then((given) => (given ? again() : sayLocked(again)));
    return;
  }
  if (error.status === 503) {
    sayFull(error, again);
    return;
  }
  const words = WORDS[error.status] ?? (() => `The server answered with ${error.status}. `);
  say(`${words()}${error.message}${error.id && error.status >= 500 ? ` (request ${error.id})` : ''}`, 'Try again', () => {
    say(null);
    again();
  });
}

// Whether one was given. Several that ask at once share the answer.
let askingToken = null;
const tokenWaiters = [];
function askToken() {
  askingToken ??= new Promise((done) => {
    const dialog = byId('token-dialog');
    byId('token-title').textContent = token() ? 'The server does not accept this token' : 'This server asks for a token';
    byId('token').value = '';
    dialog.returnValue = '';
    dialog.onclose = () => {
      askingToken = null;
      const given = dialog.returnValue === 'given';
      if (given) {
        setToken(byId('token').value.trim());
        say(null);
        loadModels();
        watch.look();
        for (const go of tokenWaiters.splice(0)) go();
      }
      done(given);
    };
    dialog.showModal();
  });
  return askingToken;
}
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  byId('token-dialog').close('given');
});
byId('token-cancel').addEventListener('click', () => byId('token-dialog').close(''));
function dismissNotice() {
  const {dismiss} = state;
  say(null);
  dismiss?.();
}
byId('notice-close').addEventListener('click', dismissNotice);

// ---- one picture ----

async function decode(blob) {
  try {
    return await createImageBitmap(blob);  // upright, as the server turns it
  } catch {
    return null;  // a format of which the browser shows nothing
  }
}

async function openPicture(blob, name) {
  stopCamera();
  watch.stop();
  const picture = {blob, name: name || 'picture', bitmap: await decode(blob)};
  state.picture = picture;
  state.answer = null;
  show(picture, picture.bitmap?.width ?? 0, picture.bitmap?.height ?? 0);
  found.clear();
  await askBoxes();
}

function show(picture, width, height) {
  byId('empty').hidden = true;
  byId('view').hidden = false;
  byId('picture-name').textContent = picture.name + (width ? `  ${width} × ${height}` : '');
  byId('stage').style.aspectRatio = width ? `${width} / ${height}` : '';
  view.setPicture(picture.bitmap, width, height);
}

function take(picture, answer, roundTrip) {
  state.answer = answer;
  say(null);
  show(picture, answer.width, answer.height);
  found.setBoxes(answer.boxes ?? []);
  showTimes(answer.ms ?? {}, roundTrip);
  byId('view').setAttribute('aria-label', `${picture.name}: ${found.shown.length} boxes drawn`);
  byId('save-json').disabled = byId('save-jpeg').disabled = false;
}

// A new picture or model ends the request before it.
async function askBoxes() {
  const picture = state.picture;
  if (!picture) return;
  state.asking?.abort();
  const asking = new AbortController();
  state.asking = asking;
  clearInterval(state.countdown);
  const slow = setTimeout(() => { byId('busy').hidden = false; }, 150);
  try {
    const begun = performance.now();
    const answer = await detect(picture.blob, state.model, LOWEST, asking.signal);
    if (state.asking === asking) take(picture, answer, performance.now() - begun);
  } catch (error) {
    if (error.name !== 'AbortError' && state.asking === asking) explain(error, askBoxes);
  } finally {
    clearTimeout(slow);
    if (state.asking === asking) byId('busy').hidden = true;
  }
}

// ---- the camera ----

async function startCamera(device) {
  stopCamera();
  watch.stop();
  state.asking?.abort();
  try {
    state.camera = await Camera.open(device);
  } catch (error) {
    say(error.message);
    return;
  }
  say(null);
  byId('camera').setAttribute('aria-pressed', 'true');
  byId('camera').textContent = 'Stop camera';
  const known = await cameras();
  byId('camera-list').hidden = known.length < 2;
  byId('camera-list').replaceChildren(...known.map((one, i) => new Option(one.label || `Camera ${i + 1}`, one.deviceId)));
  byId('camera-list').value = state.camera?.device ?? '';
  film(state.camera);
}

function stopCamera() {
  state.camera?.close();
  state.camera = null;
  byId('camera').setAttribute('aria-pressed', 'false');
  byId('camera').textContent = 'Camera';
  byId('camera-list').hidden = true;
}

// The newest frame goes out when the answer to the one before has come: nothing ever waits here.
async function film(camera) {
  while (camera && !camera.closed) {
    try {
      const picture = await camera.frame();
      const begun = performance.now();
      const answer = await detect(picture.blob, state.model, LOWEST, camera.closing.signal);
      if (camera.closed) return;
      state.picture?.bitmap?.close();
      state.picture = picture;
      take(picture, answer, performance.now() - begun);
    } catch (error) {
      if (error.name === 'AbortError' || camera.closed) return;
      if (error.status !== 503) {
        stopCamera();
        explain(error, () => startCamera());
        return;
      }
      await new Promise((again) => { sayFull(error, again, stopCamera); });
    }
  }
}

// ---- the server's cameras ----

const watch = new Watch(byId, {
  onBegin: (name) => {
    stopCamera();
    state.asking?.abort();
    say(null);
    byId('empty').hidden = byId('view').hidden = true;  // nobody shall take what was there for this camera's
    byId('picture-name').textContent = name;
    state.answer = null;
    found.clear();
    byId('save-json').disabled = byId('save-jpeg').disabled = true;
  },
  onPicture: async (name, blob) => {
    const bitmap = await decode(blob);
    if (watch.name !== name) bitmap?.close();
    if (bitmap === null || watch.name !== name) return;
    state.picture?.bitmap?.close();
    state.picture = {blob, bitmap, name};
    show(state.picture, bitmap.width, bitmap.height);
    byId('view').setAttribute('aria-label', `Camera ${name}, live, with its boxes drawn`);
  },
  onError: explain,
});

// ---- around the boxes ----

function showRequest() {
  byId('curl').textContent = curlLine(state.picture?.name, state.picture?.blob.type, state.model, found.conf);
}

const STEPS = ['queue', 'decode', 'preprocess', 'infer', 'postprocess'];

// What is left of the round trip is HTTP, the network and the browser.
function showTimes(ms, roundTrip) {
  const known = STEPS.map((name) => [name, Math.max(0, ms[name] ?? 0)]);
  const inside = known.reduce((sum, [, value]) => sum + value, 0);
  const all = [...known, ['transfer', Math.max(0, roundTrip - inside)]];
  const total = all.reduce((sum, [, value]) => sum + value, 0) || 1;
  byId('times-total').textContent = `${short(roundTrip)} ms`;
  byId('times-bar').replaceChildren(...all.map(([name, value]) => {
    const part = document.createElement('span');
    part.className = `part ${name}`;
    part.style.flexGrow = value / total;
    return part;
  }));
  byId('times-key').replaceChildren(...all.map(([name, value]) => {
    const item = document.createElement('li');
    item.className = name;
    const number = document.createElement('b');
    number.textContent = short(value);
    item.append(name, ' ', number);
    return item;
  }));
  byId('times-bar').setAttribute('aria-label', `Milliseconds: ${all.map(([name, value]) => `${name} ${short(value)}`).join(', ')}`);
}

function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const stem = () => (state.picture?.name ?? 'picture').replace(/\.[^.]*$/, '');

byId('save-json').addEventListener('click', () => {
  const {boxes, ...facts} = state.answer;
  const kept = {...facts, conf: found.conf, boxes: found.shown};
  save(new Blob([JSON.stringify(kept, null, 1)], {type: 'application/json'}), `${stem()}.json`);
});

byId('save-jpeg').addEventListener('click', () => {
  const {width, height} = state.answer;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, {width, height});
  const context = canvas.getContext('2d');
  if (state.picture.bitmap) context.drawImage(state.picture.bitmap, 0, 0, width, height);
  drawBoxes(context, found.shown, (x, y) => [x, y], Math.max(1, Math.max(width, height) / 1000), null, width);
  canvas.toBlob((blob) => save(blob, `${stem()}-boxes.jpg`), 'image/jpeg', 0.92);
});

byId('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(byId('curl').textContent);
    byId('copy').textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(byId('curl'));  // pages without https get no clipboard
    byId('copy').textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
  }
  setTimeout(() => { byId('copy').textContent = 'Copy'; }, 1500);
});

// ---- models ----

const idOf = (model) => `${model.name}/${model.version}`;

async function loadModels() {
  try {
    state.models = await askModels();
  } catch (error) {
    if (error.status !== 401 && error.status !== 403) explain(error, loadModels);
    else if (await askToken()) return;  // which loads them
    else sayLocked(loadModels);
    listModels();
    return;
  }
  for (const model of state.models) model.several = state.models.filter(({name}) => name === model.name).length > 1;
  const still = state.models.find((model) => state.model && idOf(model) === idOf(state.model));
  choose(still ?? state.models.find(({state: now}) => !now || now === 'READY') ?? state.models[0] ?? null, !still);
}

function choose(model, anew) {
  const first = state.model === null;
  state.model = model;
  if (first && Number.isFinite(model?.conf)) found.setConf(model.conf);
  listModels();
  showRequest();
  if (anew && !first && !state.camera && !watch.name) askBoxes();
}

function listModels() {
  byId('models-count').textContent = state.models.length > 1 ? state.models.length : '';
  const rows = state.models.map((model) => {
    const label = document.createElement('label');
    const input = Object.assign(document.createElement('input'), {type: 'radio', name: 'model', value: idOf(model), checked: model === state.model});
    input.addEventListener('change', () => choose(model, true));
    const name = Object.assign(document.createElement('span'), {className: 'model-name', textContent: model.name});
    const ready = !model.state || model.state === 'READY';
    const size = model.input?.width ? `${model.input.width} × ${model.input.height}` : '';
    const classes = model.labels?.length ? `${model.labels.length} classes` : '';
    const facts = [`v${model.version}`, size, classes, ready ? '' : model.state.toLowerCase()].filter(Boolean).join(' · ');
    const line = Object.assign(document.createElement('span'), {className: ready ? 'facts' : 'facts not-ready', textContent: facts});
    label.append(input, name, line);
    return label;
  });
  const labels = state.model?.labels ?? [];
  byId('labels').hidden = labels.length === 0;
  byId('labels').firstElementChild.textContent = `Classes of ${state.model?.name}`;
  byId('labels').lastElementChild.textContent = labels.join(', ');
  const none = Object.assign(document.createElement('p'), {className: 'dim', textContent: 'The server has none loaded.'});
  const keep = document.activeElement?.name === 'model';
  byId('models').replaceChildren(...(rows.length ? rows : [none]));
  if (keep) byId('models').querySelector('input:checked')?.focus();
}

// ---- where pictures come from ----

const pictureIn = (list) => [...(list ?? [])].find((file) => file.type.startsWith('image/')) ?? [...(list ?? [])][0];

byId('file').addEventListener('change', (event) => {
  const file = event.target.files[0];
  event.target.value = '';  // the same again is a change, too
  if (file) openPicture(file, file.name);
});
document.addEventListener('paste', (event) => {
  const file = pictureIn(event.clipboardData?.files);
  if (file) openPicture(file, file.name);
});
let inside = 0;
document.addEventListener('dragenter', () => { byId('drop').hidden = ++inside === 0; });
document.addEventListener('dragleave', () => { byId('drop').hidden = --inside <= 0; });
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  inside = 0;
  byId('drop').hidden = true;
  const file = pictureIn(event.dataTransfer?.files);
  if (file) openPicture(file, file.name);
  else say('Drop a file: pictures dragged from other pages come as links, which this page does not follow.');
});
byId('camera').addEventListener('click', () => (state.camera ? stopCamera() : startCamera()));
byId('camera-list').addEventListener('change', (event) => startCamera(event.target.value));
byId('zoom-in').addEventListener('click', () => view.zoomBy(1.5));
byId('zoom-out').addEventListener('click', () => view.zoomBy(1 / 1.5));
byId('zoom-fit').addEventListener('click', () => view.fit());

// ---- colours ----

const THEMES = {auto: ['Auto', 'as the system has them'], light: ['Light', 'light'], dark: ['Dark', 'dark']};

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  byId('theme').textContent = `◐ ${THEMES[name][0]}`;
  byId('theme').setAttribute('aria-label', `Colours: ${THEMES[name][1]}`);
  localStorage.setItem('saker.theme', name);
}
byId('theme').addEventListener('click', () => {
  const names = Object.keys(THEMES);
  setTheme(names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length]);
});
setTheme(THEMES[localStorage.getItem('saker.theme')] ? localStorage.getItem('saker.theme') : 'auto');

found.setConf(0.25);
byId('found').textContent = 'No picture yet';
loadModels();
watch.look();
new Live(byId, {
  onLink: (up, words) => {
    if (up && byId('link').dataset.up === 'false') loadModels();  // the server may be another one now
    byId('link').dataset.up = up;
    byId('link-text').textContent = words;
  },
  onRefused: async () => await askToken() || new Promise((done) => { tokenWaiters.push(done); }),
  onSample: (sample) => {
    for (const key of ['throughput', 'p50', 'p99', 'queue']) byId(`now-${key}`).textContent = short(sample[key]);
  },
}).run();
