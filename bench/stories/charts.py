"""Charts as SVG text: lines over epochs, and bars. No packages needed."""
from html import escape

COLOURS = ('#1f77b4', '#d62728', '#2ca02c', '#9467bd')
FONT = 'font-family="sans-serif" font-size="12"'


def svg(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'{FONT}>\n<rect width="{width}" height="{height}" fill="white"/>\n' + '\n'.join(parts) + '\n</svg>\n')


def text(x, y, words, anchor='start', colour='black'):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(str(words))}</text>'


def panel(left, title, series, epochs, width=320, height=240):
    """One diagram: series are {name: values}, parallel to epochs, which begin at 1; the upright axis begins at 0."""
    top, bottom = 40, height - 30
    right, left = left + width - 20, left + 45
    most = max((max(values) for values in series.values()), default=0) or 1
    count = max(epochs, default=1)
    parts = [text(left, 20, title), f'<path d="M{left},{top} V{bottom} H{right}" stroke="black" fill="none"/>',
             text(left - 5, top + 5, f'{most:.3g}', 'end'), text(left - 5, bottom, '0', 'end'),
             text(right, bottom + 18, f'epoch {count:.0f}', 'end')]
    # The names stand in the corner at the right that the lines leave free.
    rising = any(values[-1] > most / 2 for values in series.values() if values)
    first = bottom - 14 * len(series) + 4 if rising else top + 14
    for number, (name, values) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        step = (right - left) / max(count - 1, 1)
        points = ' '.join(f'{left + step * (epoch - 1):.1f},{bottom - (bottom - top) * v / most:.1f}'
                          for epoch, v in zip(epochs, values))
        parts.append(f'<polyline points="{points}" stroke="{colour}" stroke-width="2" fill="none"/>')
        parts.append(text(right - 5, first + 14 * number, name, 'end', colour))
    return parts


def panels(diagrams):
    """Diagrams beside each other: (title, {name: values}, epochs)."""
    parts = [part for i, (title, series, epochs) in enumerate(diagrams) for part in panel(320 * i, title, series, epochs)]
    return svg(320 * len(diagrams), 250, parts)


def bars(title, values, unit):
    """A bar for each of [(label, value)], in their order."""
    left, row, most = 330, 24, max(value for _, value in values)
    parts = [text(10, 20, title)]
    for i, (label, value) in enumerate(values):
        y = 36 + row * i
        length = 300 * value / most
        parts.append(text(left - 8, y + 13, label, 'end'))
        parts.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{row - 6}" fill="{COLOURS[0]}"/>')
        parts.append(text(left + length + 6, y + 13, f'{value:.1f} {unit}'))
    return svg(left + 400, 46 + row * len(values), parts)
