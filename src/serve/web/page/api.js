// What the page asks of the server. Paths are relative, so that it works behind a proxy's prefix, too.

const TOKEN_KEY = 'saker.token';

export function token() {
  return sessionStorage.getItem(TOKEN_KEY) ?? '';
}

export function setToken(value) {
  if (value) sessionStorage.setItem(TOKEN_KEY, value);
  else sessionStorage.removeItem(TOKEN_KEY);
}

export function address(path) {
  return new URL(path, document.baseURI).href;
}

// An answer that is none. `status` 0: the server could not be reached.
export class Refused extends Error {
  constructor(status, reason, retryAfter, id) {
    super(reason);
    Object.assign(this, {status, retryAfter, id});
  }
}

// Seconds from now; the header has a number or a date.
function secondsOf(header) {
  if (!header) return 0;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(header);
  return Number.isFinite(date) ? Math.max(0, (date - Date.now()) / 1000) : 0;
}

async function reasonOf(response) {
  const text = (await response.text().catch(() => '')).trim();
  try {
    const {error} = JSON.parse(text);
    if (typeof error === 'string') return error;
    if (typeof error?.message === 'string') return error.message;
  } catch { /* not JSON: said as it is */ }
  return text.slice(0, 300);
}

// Answers with a Response that is ok, or throws Refused, or AbortError where `signal` ended it.
export async function ask(path, {method = 'GET', body, type, signal} = {}) {
  const headers = {};
  if (type) headers['Content-Type'] = type;
  if (token()) headers.Authorization = `Bearer ${token()}`;
  let response;
  try {
    response = await fetch(address(path), {method, body, headers, signal, cache: 'no-store', credentials: 'same-origin'});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(0, 'The server does not answer. Is it running, and can this device reach it?', 0, '');
  }
  if (response.ok) return response;
  throw new Refused(response.status, await reasonOf(response), secondsOf(response.headers.get('Retry-After')),
                    response.headers.get('X-Request-Id') ?? '');
}

export async function models() {
  const answer = await (await ask('v1/models')).json();
  return Array.isArray(answer.models) ? answer.models : [];
}

export function detectPath(model, conf) {
  const query = new URLSearchParams();
  if (model?.name) query.set('model', model.name);
  if (model?.several) query.set('version', model.version);  // only where the name alone would leave a choice
  query.set('conf', conf);
  return `v1/detect?${query}`;
}

export async function detect(blob, model, conf, signal) {
  const type = blob.type || 'application/octet-stream';
  return (await ask(detectPath(model, conf), {method: 'POST', body: blob, type, signal})).json();
}

// The data of server-sent events, parsed. EventSource could send no token.
export async function* events(signal) {
  const response = await ask('v1/events', {signal});
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let data = [];
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
      if (line !== '' || data.length === 0) continue;
      try {
        yield JSON.parse(data.join('\n'));
      } catch { /* a piece that is no JSON is left out */ }
      data = [];
    }
  }
}

const shellWord = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// The request for what is shown, for a shell.
export function curlLine(name, type, model, conf) {
  const words = ['curl', '--data-binary', shellWord(`@${name || 'picture.jpg'}`), '-H', shellWord(`Content-Type: ${type || 'image/jpeg'}`)];
  if (token()) words.push('-H', '"Authorization: Bearer $SAKER_TOKEN"');
  words.push(shellWord(address(detectPath(model, conf))));
  return words.join(' ');
}
