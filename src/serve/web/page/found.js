// What is drawn of the boxes that the server found: the confidence, the classes, and the table of what is left.
import {classColor} from './view.js';

const byId = (id) => document.getElementById(id);
const KEYS = {
  label: (box) => box.label, score: (box) => box.score, x1: (box) => box.x1, y1: (box) => box.y1,
  width: (box) => box.x2 - box.x1, height: (box) => box.y2 - box.y1,
};
const BINS = 48;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function swatch(id) {
  const made = element('span', {class: 'swatch', 'aria-hidden': 'true'});
  made.style.backgroundColor = classColor(id);
  return made;
}

export class Found {
  // `onChange(boxes)`: others are to be drawn; `onChoose(box | null)`: one is to stand out.
  constructor({onChange, onChoose}) {
    Object.assign(this, {onChange, onChoose, all: [], shown: [], chosen: null, hidden: new Set(), conf: 0.25, lowest: 0.05});
    this.sort = {key: 'score', down: true};
    this.rows = new Map();
    byId('conf').addEventListener('input', (event) => this.setConf(event.target.valueAsNumber));
    byId('conf-number').addEventListener('change', (event) => this.setConf(event.target.valueAsNumber));
    byId('classes-all').addEventListener('click', () => this.showClasses(true));
    byId('classes-none').addEventListener('click', () => this.showClasses(false));
    for (const head of document.querySelectorAll('th[data-key]')) {
      head.firstElementChild.addEventListener('click', () => this.sortBy(head.dataset.key));
    }
    const body = byId('boxes');
    body.addEventListener('click', (event) => this.choose(this.boxOf(event.target)));
    body.addEventListener('focusin', (event) => this.choose(this.boxOf(event.target)));
    body.addEventListener('pointerover', (event) => this.onChoose(this.boxOf(event.target) ?? this.chosen));
    body.addEventListener('pointerleave', () => this.onChoose(this.chosen));
    body.addEventListener('keydown', (event) => this.walk(event));
  }

  // The same classes stay hidden from one picture to the next.
  setBoxes(boxes) {
    this.all = boxes;
    this.chosen = null;
    this.listClasses();
    this.update();
  }

  // Until the server has answered.
  clear() {
    this.setBoxes([]);
    byId('found').textContent = 'No boxes yet';
    byId('classes').replaceChildren();
  }

  setConf(value) {
    if (!Number.isFinite(value)) value = this.conf;
    this.conf = Math.min(Math.max(value, this.lowest), 1);
    byId('conf').value = this.conf;
    byId('conf-number').value = this.conf.toFixed(2);
    this.update();
  }

  showClasses(all) {
    this.hidden = new Set(all ? [] : this.all.map((box) => box.class_id));
    for (const chip of byId('classes').querySelectorAll('button')) chip.setAttribute('aria-pressed', all);
    this.update();
  }

  sortBy(key) {
    const numbers = key !== 'label';
    this.sort = {key, down: this.sort.key === key ? !this.sort.down : numbers};
    for (const head of document.querySelectorAll('th[data-key]')) {
      if (head.dataset.key === key) head.setAttribute('aria-sort', this.sort.down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    this.fillTable();
  }

  choose(box) {
    this.chosen = box ?? null;
    for (const [one, row] of this.rows) {
      row.toggleAttribute('aria-selected', false);
      if (one === this.chosen) row.setAttribute('aria-selected', 'true');
    }
    this.setStop(this.chosen ?? this.rows.keys().next().value);
    this.onChoose(this.chosen);
  }

  // As it was pressed in the picture.
  chooseInTable(box) {
    this.choose(box);
    this.rows.get(box)?.scrollIntoView({block: 'nearest'});
  }

  hover(box) {
    for (const [one, row] of this.rows) row.classList.toggle('hover', one === box);
  }

  boxOf(target) {
    const row = target.closest('tr');
    return [...this.rows].find(([, one]) => one === row)?.[0] ?? null;
  }

  // One row is reached by Tab, the others from there by the arrows.
  setStop(box) {
    for (const [one, row] of this.rows) row.tabIndex = one === box ? 0 : -1;
  }

  walk(event) {
    const rows = [...this.rows.values()];
    const at = rows.indexOf(event.target.closest('tr'));
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1, PageDown: at + 10, PageUp: at - 10}[event.key];
    if (event.key === 'Escape') {
      this.choose(null);
      event.preventDefault();
    } else if (to !== undefined) {
      rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus();
      event.preventDefault();
    }
  }

  update() {
    this.shown = this.all.filter((box) => box.score >= this.conf && !this.hidden.has(box.class_id));
    if (this.chosen && !this.shown.includes(this.chosen)) this.chosen = null;
    this.countClasses();
    this.drawScores();
    this.fillTable();
    const words = this.shown.length === 1 ? '1 box' : `${this.shown.length} boxes`;
    byId('found').textContent = this.all.length === 0 ? 'No boxes' : `${words} of ${this.all.length} with ${this.lowest.toFixed(2)} or more`;
    this.onChange(this.shown);
  }

  listClasses() {
    const labels = new Map();
    for (const box of this.all) labels.set(box.class_id, box.label);
    const best = (id) => Math.max(...this.all.filter((box) => box.class_id === id).map((box) => box.score));
    const order = [...labels].map(([id, label]) => ({id, label, best: best(id)})).sort((a, b) => b.best - a.best);
    this.chips = new Map();
    const chips = order.map(({id, label}) => {
      const count = element('span', {class: 'count'});
      const chip = element('button', {type: 'button', 'aria-pressed': !this.hidden.has(id)}, swatch(id), label, count);
      chip.addEventListener('click', () => {
        if (!this.hidden.delete(id)) this.hidden.add(id);
        chip.setAttribute('aria-pressed', !this.hidden.has(id));
        this.update();
      });
      this.chips.set(id, {chip, count, label});
      return chip;
    });
    byId('classes').replaceChildren(...(chips.length ? chips : [element('p', {class: 'dim'}, 'None found.')]));
    byId('classes-all').disabled = byId('classes-none').disabled = chips.length === 0;
  }

  countClasses() {
    for (const [id, {chip, count, label}] of this.chips ?? []) {
      const number = this.all.filter((box) => box.class_id === id && box.score >= this.conf).length;
      count.textContent = number;
      chip.classList.toggle('none', number === 0);
      chip.setAttribute('aria-label', `${label}, ${number}`);
    }
  }

  // One bar for each stretch of scores; those below the threshold are pale.
  drawScores() {
    const bins = new Array(BINS).fill(0);
    const width = (1 - this.lowest) / BINS;
    const boxes = this.all.filter((box) => !this.hidden.has(box.class_id));
    for (const box of boxes) {
      bins[Math.min(BINS - 1, Math.max(0, Math.floor((box.score - this.lowest) / width)))] += 1;
    }
    const top = Math.log1p(Math.max(1, ...bins));
    const svg = byId('scores');
    svg.setAttribute('viewBox', `0 0 ${BINS} 1`);
    svg.replaceChildren(...bins.flatMap((count, i) => {
      if (count === 0) return [];
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      const height = Math.max(0.12, Math.log1p(count) / top);
      const facts = {x: i + 0.12, width: 0.76, y: 1 - height, height, class: this.lowest + (i + 1) * width <= this.conf ? 'below' : ''};
      for (const [key, value] of Object.entries(facts)) bar.setAttribute(key, value);
      return [bar];
    }));
    svg.setAttribute('aria-label', `Scores: ${boxes.length} boxes, ${this.shown.length} of them drawn`);
  }

  fillTable() {
    const of = KEYS[this.sort.key];
    const compare = (a, b) => (typeof of(a) === 'string' ? of(a).localeCompare(of(b)) : of(a) - of(b));
    const order = [...this.shown].sort((a, b) => (this.sort.down ? -compare(a, b) : compare(a, b)));
    const focused = this.boxOf(document.activeElement ?? document.body);
    this.rows = new Map(order.map((box) => {
      const numbers = [box.score.toFixed(3), ...['x1', 'y1', 'width', 'height'].map((key) => Math.round(KEYS[key](box)))];
      const row = element('tr', {}, element('th', {scope: 'row'}, swatch(box.class_id), box.label),
                          ...numbers.map((number) => element('td', {}, String(number))));
      if (box === this.chosen) row.setAttribute('aria-selected', 'true');
      return [box, row];
    }));
    this.setStop(this.chosen ?? order[0]);
    byId('boxes').replaceChildren(...this.rows.values());
    if (focused) this.rows.get(focused)?.focus();
  }
}
