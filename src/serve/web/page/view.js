// The picture with its boxes on a canvas: drawn, zoomed, moved, pointed at.

const HUES = CSS.supports('color', 'oklch(0.8 0.1 0)');

// Sixteen hues, neighbouring ids far apart and neighbouring hues of different lightness; from the seventeenth class on
// between those.
export function classColor(id) {
  const place = (id * 7) % 16;
  const hue = (45 + place * 22.5 + Math.floor(id / 16) * 8) % 360;
  const pale = place % 2 === 0;
  return HUES ? `oklch(${pale ? 0.87 : 0.74} ${pale ? 0.13 : 0.17} ${hue.toFixed(1)})` : `hsl(${hue.toFixed(1)} 90% ${pale ? 74 : 60}%)`;
}

const FONT = '600 12px system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

function drawLabel(context, text, x, y, color, scale, right) {
  context.font = FONT.replace('12px', `${12 * scale}px`);
  const width = context.measureText(text).width + 8 * scale;
  const height = 16 * scale;
  const left = Math.max(0, Math.min(x, right - width));
  const top = y - height >= 0 ? y - height : y;
  context.fillStyle = color;
  context.fillRect(left, top, width, height);
  context.fillStyle = '#10141a';
  context.textBaseline = 'middle';
  context.fillText(text, left + 4 * scale, top + height / 2 + 0.5 * scale);
}

// `place` maps picture to canvas; `scale` is the width of a thin line; `chosen` stands out, null: nobody does.
export function drawBoxes(context, boxes, place, scale, chosen, right) {
  const crowded = boxes.length > 80;
  const order = [...boxes].sort((a, b) => a.score - b.score);  // surest on top
  if (chosen) order.push(order.splice(order.indexOf(chosen), 1)[0]);
  for (const box of order) {
    const [x1, y1] = place(box.x1, box.y1);
    const [x2, y2] = place(box.x2, box.y2);
    const color = classColor(box.class_id);
    const first = box === chosen;
    context.globalAlpha = chosen && !first ? 0.45 : 1;
    if (first) {
      context.globalAlpha = 0.16;
      context.fillStyle = color;
      context.fillRect(x1, y1, x2 - x1, y2 - y1);
      context.globalAlpha = 1;
    }
    context.lineJoin = 'round';
    context.strokeStyle = 'rgb(8 10 14 / 0.55)';
    context.lineWidth = (first ? 5 : 3.6) * scale;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    context.strokeStyle = color;
    context.lineWidth = (first ? 3 : 1.8) * scale;
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    if (first || !(chosen || crowded || x2 - x1 < 14 * scale)) {
      drawLabel(context, `${box.label} ${box.score.toFixed(2)}`, x1 - 0.9 * scale, y1, color, scale, right);
    }
  }
  context.globalAlpha = 1;
}

export class View {
  // `onPoint(box | null)` as the pointer moves, `onChoose(box | null)` when it is pressed on one.
  constructor(canvas, {onPoint, onChoose}) {
    Object.assign(this, {canvas, onPoint, onChoose, boxes: [], picture: null, chosen: null});
    this.size = {width: 0, height: 0};
    this.fit(false);
    new ResizeObserver(() => this.resize()).observe(canvas);
    this.listen();
  }

  // `picture`: anything drawImage takes; null: the browser cannot show it, only its boxes.
  setPicture(picture, width, height) {
    const same = width === this.size.width && height === this.size.height;
    this.picture = picture;
    this.size = {width, height};
    if (same) this.draw();
    else this.fit();
  }

  setBoxes(boxes) {
    this.boxes = boxes;
    if (!boxes.includes(this.chosen)) this.chosen = null;
    this.draw();
  }

  choose(box) {
    if (box === this.chosen) return;
    this.chosen = box;
    this.draw();
  }

  fit(draw = true) {
    this.zoom = 1;
    this.middle = {x: 0.5, y: 0.5};  // of the picture, in the canvas' middle
    if (draw) this.draw();
  }

  // Canvas pixels of CSS for a picture pixel.
  get scale() {
    const {clientWidth, clientHeight} = this.canvas;
    return Math.min(clientWidth / (this.size.width || 1), clientHeight / (this.size.height || 1)) * this.zoom;
  }

  // About a point of the canvas, in CSS pixels; without one, about the middle.
  zoomBy(factor, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const before = this.toPicture(x, y);
    const finest = 16 / (this.scale / this.zoom);  // a picture's pixel as 16 of the screen
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), Math.max(finest, 1));
    const after = this.toPicture(x, y);
    this.move((before.x - after.x) * this.scale, (before.y - after.y) * this.scale);
  }

  // By CSS pixels.
  move(dx, dy) {
    const {width, height} = this.size;
    if (!width) return;
    const {clientWidth, clientHeight} = this.canvas;
    const keep = (at, seen) => (seen >= 1 ? 0.5 : Math.min(Math.max(at, seen / 2), 1 - seen / 2));
    this.middle.x = keep(this.middle.x + dx / this.scale / width, clientWidth / this.scale / width);
    this.middle.y = keep(this.middle.y + dy / this.scale / height, clientHeight / this.scale / height);
    this.draw();
  }

  toPicture(x, y) {
    return {
      x: (x - this.canvas.clientWidth / 2) / this.scale + this.middle.x * this.size.width,
      y: (y - this.canvas.clientHeight / 2) / this.scale + this.middle.y * this.size.height,
    };
  }

  boxAt(x, y) {
    const at = this.toPicture(x, y);
    const slack = 4 / this.scale;
    let best = null;
    let area = Infinity;  // the smallest that holds the point: what lies inside another can be reached
    for (const box of this.boxes) {
      if (at.x < box.x1 - slack || at.x > box.x2 + slack || at.y < box.y1 - slack || at.y > box.y2 + slack) continue;
      const own = (box.x2 - box.x1) * (box.y2 - box.y1);
      if (own < area) [best, area] = [box, own];
    }
    return best;
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * ratio));
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * ratio));
    this.move(0, 0);
  }

  draw() {
    const {canvas, size} = this;
    const ratio = canvas.width / (canvas.clientWidth || 1);
    const context = canvas.getContext('2d');
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!size.width) return;
    const scale = this.scale * ratio;
    const left = canvas.width / 2 - this.middle.x * size.width * scale;
    const top = canvas.height / 2 - this.middle.y * size.height * scale;
    context.imageSmoothingEnabled = scale < 3;
    context.imageSmoothingQuality = 'high';
    if (this.picture) {
      context.drawImage(this.picture, left, top, size.width * scale, size.height * scale);
    } else {
      context.fillStyle = '#30363d';
      context.fillRect(left, top, size.width * scale, size.height * scale);
    }
    drawBoxes(context, this.boxes, (x, y) => [left + x * scale, top + y * scale], ratio, this.chosen, canvas.width);
    canvas.style.touchAction = this.zoom > 1 ? 'none' : 'pan-x pan-y';
    canvas.classList.toggle('zoomed', this.zoom > 1);
  }

  listen() {
    const {canvas} = this;
    const fingers = new Map();
    let moved = 0;
    const at = (event) => ({x: event.offsetX, y: event.offsetY});
    const spread = () => {
      const [a, b] = [...fingers.values()];
      return Math.hypot(a.x - b.x, a.y - b.y);
    };
    canvas.addEventListener('pointerdown', (event) => {
      fingers.set(event.pointerId, at(event));
      moved = 0;
      if (this.zoom > 1) canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener('pointermove', (event) => {
      const before = fingers.get(event.pointerId);
      const now = at(event);
      if (!before) {
        this.onPoint(this.boxAt(now.x, now.y));
        return;
      }
      const was = fingers.size === 2 ? spread() : 0;
      fingers.set(event.pointerId, now);
      moved += Math.hypot(now.x - before.x, now.y - before.y);
      if (was > 0) this.zoomBy(spread() / was, now.x, now.y);
      else if (this.zoom > 1) this.move(before.x - now.x, before.y - now.y);
    });
    const gone = (event) => fingers.delete(event.pointerId);
    canvas.addEventListener('pointerup', (event) => {
      if (fingers.size === 1 && moved < 5) this.onChoose(this.boxAt(event.offsetX, event.offsetY));
      gone(event);
    });
    canvas.addEventListener('pointercancel', gone);
    canvas.addEventListener('pointerleave', (event) => {
      gone(event);
      this.onPoint(null);
    });
    canvas.addEventListener('dblclick', (event) => this.zoomBy(2, event.offsetX, event.offsetY));
    canvas.addEventListener('wheel', (event) => {
      if (!event.ctrlKey && !event.metaKey) return;  // the wheel alone scrolls the page
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 240), event.offsetX, event.offsetY);
    }, {passive: false});
    const step = 48;
    const keys = {
      '+': () => this.zoomBy(1.5), '=': () => this.zoomBy(1.5), '-': () => this.zoomBy(1 / 1.5), '0': () => this.fit(),
      ArrowLeft: () => this.move(-step, 0), ArrowRight: () => this.move(step, 0),
      ArrowUp: () => this.move(0, -step), ArrowDown: () => this.move(0, step),
    };
    canvas.addEventListener('keydown', (event) => {
      const arrow = event.key.startsWith('Arrow');
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey || (arrow && this.zoom === 1)) return;
      event.preventDefault();
      keys[event.key]();
    });
  }
}
