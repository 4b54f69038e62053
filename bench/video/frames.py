"""Whether a video has another's frames: as many, at the same times, in the same order."""
import json

from common import run

THUMB_W, THUMB_H = 64, 36  # grey pixels by which pictures are told apart


def times_of(path):
    """The time stamps of a video's frames as they are shown, in seconds."""
    said = run('ffprobe', '-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'json', path)
    return sorted(float(packet['pts_time']) for packet in json.loads(said['stdout'])['packets'])


def thumbs_of(path):
    """Each frame as THUMB_W * THUMB_H bytes."""
    said = run('ffmpeg', '-nostdin', '-v', 'error', '-i', path, '-an', '-fps_mode', 'passthrough', '-vf',
               f'scale={THUMB_W}:{THUMB_H}:flags=area,format=gray', '-f', 'rawvideo', '-', binary=True)
    size, pixels = THUMB_W * THUMB_H, said['stdout']
    return [pixels[at:at + size] for at in range(0, len(pixels), size)]


def differ(one, other):
    return sum(abs(a - b) for a, b in zip(one, other))


def out_of_order(source, result, reach=2, margin=0.8):
    """Frames of the result that show a neighbour of the frame that they should. Boxes are drawn on them, which differ
    little from frame to frame; so a neighbour has to be nearer by the margin."""
    wrong = []
    for at, (wanted, picture) in enumerate(zip(source, result)):
        own = differ(wanted, picture)
        around = [at + step for step in range(-reach, reach + 1) if step and 0 <= at + step < len(source)]
        if any(differ(source[other], picture) < margin * own for other in around):
            wrong.append(at)
    return wrong


def compare_frames(source, result, tolerance=0.001):
    """`tolerance`: seconds; containers round time stamps to their own time base."""
    there, here = times_of(source), times_of(result)
    differences = []
    if len(there) != len(here):
        differences.append(f'{len(here)} frames of {len(there)}')
    late = [at for at, (a, b) in enumerate(zip(there, here)) if abs((a - there[0]) - (b - here[0])) > tolerance]
    if late:
        differences.append(f'{len(late)} time stamps differ, the first that of frame {late[0]}')
    wrong = out_of_order(thumbs_of(source), thumbs_of(result))
    if wrong:
        differences.append(f'{len(wrong)} frames show another, the first is frame {wrong[0]}')
    return dict(frames=len(here), differences=differences, start=[there[:1], here[:1]])
