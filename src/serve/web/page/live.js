// The last two minutes of numbers that the server tells every second, as lines.
import {events} from './api.js';

const SECONDS = 120;
const SVG = 'http://www.w3.org/2000/svg';

const niceTop = (value) => {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((step) => step * power >= value * 1.05) * power;
};

export const short = (value) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
};

function node(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

class Plot {
  // `series`: [{name, of(sample), kind}], kind being the class of its line.
  constructor(svg, output, label, series) {
    Object.assign(this, {svg, output, label, series, samples: [], pointed: null});
    new ResizeObserver(() => this.draw()).observe(svg);
    svg.addEventListener('pointermove', (event) => this.point(event.offsetX));
    svg.addEventListener('pointerleave', () => this.point(null));
  }

  point(x) {
    this.pointed = x;
    this.draw();
  }

  show(samples) {
    this.samples = samples;
    this.draw();
  }

  draw() {
    const width = this.svg.clientWidth;
    const height = this.svg.clientHeight;
    if (!width || !height) return;
    const area = {left: 34, right: width - 6, top: 8, bottom: height - 18};
    const now = this.samples.at(-1)?.at ?? 0;
    const x = (at) => area.right - ((now - at) / SECONDS) * (area.right - area.left);
    const values = this.series.flatMap(({of}) => this.samples.map(of)).filter(Number.isFinite);
    const top = niceTop(Math.max(0, ...values));
    const y = (value) => area.bottom - (value / top) * (area.bottom - area.top);
    const parts = this.grid(area, top, y);
    for (const {of, kind, filled} of this.series) {
      let path = '';
      let begin = 0;
      let last = null;
      for (const sample of this.samples) {
        const value = of(sample);
        if (!Number.isFinite(value)) {
          last = null;
          continue;
        }
        const cut = last === null || sample.at - last > 4;  // seconds without an event are no line
        if (cut) begin = x(sample.at);
        path += `${cut ? 'M' : 'L'}${x(sample.at).toFixed(1)} ${y(value).toFixed(1)}`;
        last = sample.at;
      }
      if (filled && path && !path.slice(1).includes('M')) {
        parts.push(node('path', {class: `area ${kind}`, d: `${path}L${area.right} ${area.bottom}L${begin.toFixed(1)} ${area.bottom}Z`}));
      }
      parts.push(node('path', {class: `line ${kind}`, d: path}));
    }
    const sample = this.sampleAt(area, now);
    if (this.pointed !== null && sample) {
      parts.push(node('line', {class: 'cursor', x1: x(sample.at), x2: x(sample.at), y1: area.top, y2: area.bottom}));
    }
    this.svg.replaceChildren(...parts);
    this.say(sample, now);
  }

  grid(area, top, y) {
    const parts = [];
    for (const part of [0, 0.5, 1]) {
      const at = Math.round(y(part * top)) + 0.5;
      parts.push(node('line', {class: 'grid', x1: area.left, x2: area.right, y1: at, y2: at}));
      parts.push(node('text', {x: area.left - 5, y: at + 3.5, 'text-anchor': 'end'}, part === 0 ? '0' : String(+(part * top).toPrecision(3))));
    }
    for (const [text, part, anchor] of [['−2 min', 0, 'start'], ['−1 min', 0.5, 'middle'], ['now', 1, 'end']]) {
      parts.push(node('text', {x: area.left + part * (area.right - area.left), y: area.bottom + 14, 'text-anchor': anchor}, text));
    }
    return parts;
  }

  sampleAt(area, now) {
    if (this.pointed === null) return this.samples.at(-1);
    const at = now - ((area.right - this.pointed) / (area.right - area.left)) * SECONDS;
    return this.samples.reduce((best, one) => (!best || Math.abs(one.at - at) < Math.abs(best.at - at) ? one : best), null);
  }

  say(sample, now) {
    if (!sample) return;
    const values = this.series.map(({name, of, kind}) => {
      const value = document.createElement('span');
      value.className = kind;
      value.textContent = `${name}${name && ' '}${short(of(sample))}`;
      return value;
    });
    this.output.replaceChildren(this.pointed === null ? '' : `${Math.round(sample.at - now)} s `, ...values);
    this.svg.setAttribute('aria-label', `${this.label}: ${this.output.textContent}`);
  }
}

export class Live {
  // `onLink(up, words)` when the connection changes, `onRefused()` when a token is asked for: it ends when there is one.
  constructor(byId, {onLink, onRefused, onSample}) {
    Object.assign(this, {onLink, onRefused, onSample, samples: []});
    const plot = (name, label, series) => new Plot(byId(`plot-${name}`), byId(`value-${name}`), label, series);
    this.plots = [
      plot('throughput', 'Throughput, pictures per second', [{name: '', of: (s) => s.throughput, kind: 'first', filled: true}]),
      plot('latency', 'Latency, milliseconds', [
        {name: 'p50', of: (s) => s.p50, kind: 'first'}, {name: 'p99', of: (s) => s.p99, kind: 'second'}]),
      plot('queue', 'Pictures that wait', [{name: '', of: (s) => s.queue, kind: 'first', filled: true}]),
    ];
  }

  add(event) {
    const at = performance.now() / 1000;
    // Seconds in which nothing was answered have no latency.
    const latency = (value) => (value > 0 ? value : NaN);
    const sample = {
      at, throughput: event.throughput, queue: event.queue, p50: latency(event.latency_ms?.p50), p99: latency(event.latency_ms?.p99),
    };
    this.samples.push(sample);
    while (this.samples[0].at < at - SECONDS) this.samples.shift();
    for (const plot of this.plots) plot.show(this.samples);
    this.onSample(sample);
  }

  async run() {
    for (let wait = 1; ; wait = Math.min(wait * 2, 10)) {
      try {
        for await (const event of events()) {
          if (wait || !this.up) this.onLink(true, 'live');
          this.up = true;
          wait = 1;
          this.add(event);
        }
      } catch (error) {
        if (error.status === 401 || error.status === 403) {
          await this.onRefused();
          continue;
        }
        if (error.status === 404 || error.status === 501) {
          this.onLink(false, 'no live figures here');
          return;
        }
      }
      this.up = false;
      this.onLink(false, 'no connection');
      await new Promise((done) => setTimeout(done, wait * 1000));
    }
  }
}
