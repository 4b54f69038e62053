"""What the stories say of a training: losses and mAP of each epoch, and how it went."""
import math
import os
import shutil

from charts import panels
from story import epochs_of

# A step for each batch instead of one for 64 pictures: there are some hundreds only.
FEW_PICTURES = ['--batch', 16, '--nbs', 16, '--optimizer', 'AdamW', '--lr0', 0.002,
                '--warmup-bias-lr', 0, '--amp']
MAPS = {'mAP50': 'metrics/mAP50(B)', 'mAP50-95': 'metrics/mAP50-95(B)'}


def train(story, name, *words):
    """Trains in the story's folder; returns the folder of the run."""
    story.saker('train', *words, '--project', story.work, '--name', name, '--exist-ok')
    return story.path(name)


def losses_of(rows):
    """The columns of the losses of a training, by their names in its family."""
    columns = [column for column in rows[0] if column.startswith('train/') and any(row[column] for row in rows)]
    return {column.removeprefix('train/').removesuffix('_loss'): column for column in columns}


def was_validated(row):
    """Epochs between two validations have no losses of it, and zeros for mAP."""
    return any(not math.isnan(value) for column, value in row.items() if column.startswith('val/'))


def tell(story, run):
    """Table and plot of the epochs; returns them."""
    rows = epochs_of(run)
    names = losses_of(rows)
    validated = [row for row in rows if was_validated(row)]
    every = max(1, len(rows) // 12)
    shown = [row for i, row in enumerate(rows) if i % every == 0 or i == len(rows) - 1]
    story.table('Training', ['epoch', *(f'{name} loss' for name in names), *MAPS, 'seconds'], [
        [f"{row['epoch']:.0f}", *(f'{row[column]:.3f}' for column in names.values()),
         *(f'{100 * row[column]:.1f}' if was_validated(row) else '' for column in MAPS.values()),
         f"{row['time']:.0f}"] for row in shown])
    story.plot('training', panels([
        ('losses', {name: [row[column] for row in rows] for name, column in names.items()}, [row['epoch'] for row in rows]),
        ('mAP', {name: [row[column] for row in validated] for name, column in MAPS.items()},
         [row['epoch'] for row in validated])]))
    if os.path.exists(os.path.join(run, 'results.png')):
        shutil.copy(os.path.join(run, 'results.png'), os.path.join(story.asked.out, f'{story.name}-results.png'))
    return rows


def classes(story, report):
    story.table('Classes', ['class', 'pictures', 'boxes', 'mAP50', 'mAP50-95', 'precision', 'recall'], [
        [each['name'], each['pictures'], each['boxes'],
         *(f'{100 * each["yolo"][key]:.1f}' for key in ('mAP50', 'mAP50-95', 'precision', 'recall'))]
        for each in report['per_class'] if each['boxes']])
