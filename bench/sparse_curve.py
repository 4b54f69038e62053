#!/usr/bin/env python3
"""mAP against sparsity without training: every pattern, by magnitude and second-order (saker sparsify).

    bench/sparse_curve.py MODEL --calib FOLDER --eval DATA [--out FOLDER] [--sparsity 0.3,0.4,...] [--subset N] [--int8]
                          [--patterns unstructured,block4,...] [--methods obs,magnitude] [--threads N] [--kept]

Needs the command (SAKER, default build/release/saker). Each figure is kept as FOLDER/points/NAME.json as soon as it is
there, and a later call goes on from them; --kept draws those that are there. Leaves curve.md, curve.json and curve-mAP.svg in FOLDER.
"""
import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, 'stories'))
from charts import COLOURS, svg, text  # noqa: E402
from document import Document  # noqa: E402

PATTERNS = ('unstructured', '2:4', 'block4', '2x4', '4x4')
PALETTE = COLOURS + ('#ff7f0e',)
LEFT, RIGHT, TOP, BOTTOM = 50, 520, 40, 330


def asked_of(pattern, sparsities):
    return [0.5] if pattern == '2:4' else sparsities


def measure(asked, points, pattern, method, sparsity):
    name = f"{pattern.replace(':', 'of')}-{method}-{sparsity}" + ('-int8' if asked.int8 else '')
    kept = os.path.join(points, name + '.json')
    if not os.path.exists(kept):
        if asked.kept:
            return None
        made = os.path.join(points, name + '.onnx')
        command = [asked.binary, 'sparsify', asked.model, '--pattern', pattern, '--method', method, '--calib', asked.calib,
                   '--eval', asked.eval, '--subset', str(asked.subset), '--json', kept, '--out', made, '--force', '--quiet']
        command += ['--sparsity', str(sparsity)] if pattern != '2:4' else []
        command += ['--int8'] if asked.int8 else []
        command += ['--threads', str(asked.threads)] if asked.threads else []
        print(' '.join(command), flush=True)
        if subprocess.run(command, check=False).returncode != 0:
            sys.exit(f'{name}: saker sparsify failed')
        os.remove(made)
    with open(kept, encoding='utf-8') as file:
        return json.load(file)


def chart(curves, dense):
    """Lines of (sparsity, AP): drawn through for the second-order method, broken for magnitude."""
    def at(sparsity, ap):
        return f'{LEFT + (RIGHT - LEFT) * sparsity:.1f},{BOTTOM - (BOTTOM - TOP) * max(ap, 0) / dense:.1f}'

    parts = [f'<path d="M{LEFT},{TOP} V{BOTTOM} H{RIGHT}" stroke="black" fill="none"/>',
             text(LEFT, 22, 'mAP50-95 against the share of weights that are zero'),
             text(LEFT - 5, TOP + 5, f'{100 * dense:.1f}', 'end'), text(LEFT - 5, BOTTOM, '0', 'end')]
    parts += [text(LEFT + (RIGHT - LEFT) * share, BOTTOM + 18, f'{share:.1f}', 'middle') for share in (0, 0.2, 0.4, 0.6, 0.8, 1)]
    for (pattern, method), points in curves.items():
        colour = PALETTE[PATTERNS.index(pattern)]
        dash = '' if method == 'obs' else ' stroke-dasharray="5 4"'
        line = ' '.join(at(*point) for point in [(0, dense), *points.values()])
        if pattern != '2:4':
            parts.append(f'<polyline points="{line}" stroke="{colour}" stroke-width="2" fill="none"{dash}/>')
        for point in points.values():
            x, y = at(*point).split(',')
            parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
    for number, pattern in enumerate(PATTERNS):
        parts.append(text(RIGHT + 20, TOP + 16 * number, pattern, colour=PALETTE[number]))
    parts.append(text(RIGHT + 20, TOP + 16 * len(PATTERNS) + 10, 'line: obs'))
    parts.append(text(RIGHT + 20, TOP + 16 * len(PATTERNS) + 26, 'broken: magnitude'))
    return svg(RIGHT + 150, BOTTOM + 30, parts)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('model')
    parser.add_argument('--calib', required=True)
    parser.add_argument('--eval', required=True)
    parser.add_argument('--out', default='sparse-curve')
    parser.add_argument('--sparsity', default='0.3,0.4,0.5,0.6,0.7,0.8')
    parser.add_argument('--patterns', default=','.join(PATTERNS))
    parser.add_argument('--methods', default='obs,magnitude')
    parser.add_argument('--subset', type=int, default=128)
    parser.add_argument('--threads', type=int, default=0)
    parser.add_argument('--int8', action='store_true')
    parser.add_argument('--kept', action='store_true')
    asked = parser.parse_args()
    asked.binary = os.environ.get('SAKER', os.path.join(HERE, '..', 'build', 'release', 'saker'))
    return asked


def main():
    asked = arguments()
    document = Document('curve', f'{os.path.basename(asked.model)}, pruned without training', asked.out, asked.binary, False)
    points = os.path.join(asked.out, 'points')
    os.makedirs(points, exist_ok=True)
    sparsities = [float(word) for word in asked.sparsity.split(',')]
    curves, dense, pictures, raw = {}, 0, 0, []
    for method in asked.methods.split(','):
        for pattern in asked.patterns.split(','):
            for sparsity in asked_of(pattern, sparsities):
                made = measure(asked, points, pattern, method, sparsity)
                if made is None:
                    continue
                dense, pictures = made['ap']['before'], made['ap']['pictures']
                curves.setdefault((pattern, method), {})[sparsity] = (made['zeros'], made['ap']['after'])
                raw.append({key: made[key] for key in ('pattern', 'method', 'sparsity', 'zeros', 'ap')})
    if not curves:
        sys.exit(f'{points} has no figures yet')
    document.note(f'{asked.subset} pictures to calibrate with, {pictures} to measure; dense {100 * dense:.2f}; '
                  'in brackets the share of all weights that is zero.')
    rows = []
    for (pattern, method), curve in curves.items():
        cells = {share: f'{100 * ap:.2f} ({zeros:.2f})' for share, (zeros, ap) in curve.items()}
        rows.append([pattern, method] + [cells.get(share, '') for share in sparsities])
    document.table('mAP50-95', ['pattern', 'method'] + [f'{share:g}' for share in sparsities], rows)
    document.plot('mAP', chart(curves, dense))
    document.keep(points=raw)


if __name__ == '__main__':
    main()
