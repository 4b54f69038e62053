#!/usr/bin/env python3
"""The page of a running server, in a headless Chromium: what a person does with it, by mouse, keyboard and phone.

    page_test.py SAKER_SERVE [FOLDER]     starts the server with models/signs.onnx; screenshots go to FOLDER
    page_test.py http://HOST:PORT [FOLDER]   a server that runs already, with that model

Without Chromium the exit code is 77. Python 3.9 or later, without packages."""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from browser import Browser, Failed, find_chromium  # noqa: E402

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
PICTURE = os.path.join(SOURCE, 'models', 'signs.jpg')
ROWS = "document.querySelectorAll('#boxes tr').length"
failures = []


def check(held, what):
    print(('ok      ' if held else 'FAILED  ') + what)
    if not held:
        failures.append(what)


def same(value, expected, what):
    check(value == expected, what if value == expected else f'{what}: {value!r} instead of {expected!r}')


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, program, *flags):
        port = free_port()
        self.address = f'http://127.0.0.1:{port}'
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [program, '--model', os.path.join(SOURCE, 'models', 'signs.onnx'), '--port', str(port), *flags],
            stdout=self.log, stderr=self.log)
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.address + '/v2/health/ready', timeout=5).close()
                return
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None or time.monotonic() > until:
                    self.close()
                    raise Failed(f'the server did not come up:\n{self.said()}')
                time.sleep(0.1)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors='replace')[-2000:]

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def pixels_of(canvas):
    """A number for what a canvas shows, as an expression."""
    return """(() => {
      const canvas = document.getElementById('%s');
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});
      copy.drawImage(canvas, 0, 0);
      const data = copy.getImageData(0, 0, canvas.width, canvas.height).data;
      let hash = 0;
      for (let i = 0; i < data.length; i += 4) hash = (hash * 31 + data[i] + data[i + 1] * 3 + data[i + 2] * 7) | 0;
      return hash;
    })()""" % canvas


def pixels(page):
    return page.ask(pixels_of('view'))


def set_conf(page, value):
    page.ask(f"""(() => {{ const slider = document.getElementById('conf'); slider.value = {value};
      slider.dispatchEvent(new Event('input', {{bubbles: true}})); }})()""")


def no_sideways(page):
    return page.ask('document.documentElement.scrollWidth <= window.innerWidth')


def asked(page, part):
    return sum(part in one for one in page.requests)


def open_picture(page, path=PICTURE):
    page.ask("document.getElementById('times-total').textContent = ''")  # written again with the answer
    page.choose_file('#file', path)
    page.wait("document.getElementById('times-total').textContent !== ''", 'boxes')


def test_boxes(page):
    open_picture(page)
    rows = page.ask("[...document.querySelectorAll('#boxes tr')].map((row) => [...row.children].map((cell) => cell.textContent))")
    check(len(rows) >= 4, f'{len(rows)} boxes are listed')
    check(any(row[0] == 'danger' and float(row[1]) > 0.8 and int(row[2]) < 100 for row in rows), 'the warning sign is among them')
    same(page.ask("document.querySelectorAll('#models input').length"), 1, 'the model is listed')
    facts = page.ask("document.querySelector('#models .facts').textContent")
    check('320 × 320' in facts and '15 classes' in facts, f'with its facts: {facts}')
    check(float(re.match(r'[\d.]+', page.ask("document.getElementById('times-total').textContent")).group()) > 0, 'the time is shown')
    line = page.ask("document.getElementById('curl').textContent")
    check(line.startswith('curl --data-binary @signs.jpg ') and '/v1/detect?model=signs&conf=0.25' in line, f'as a command: {line}')


def test_thresholds(page):
    before, many = asked(page, '/v1/detect'), page.ask(ROWS)
    drawn = pixels(page)
    set_conf(page, 0.9)
    few = page.ask(ROWS)
    check(0 < few < many, f'a higher confidence leaves {few} of {many} boxes')
    check(pixels(page) != drawn, 'and other pixels')
    set_conf(page, 1)
    same(page.ask(ROWS), 0, 'the highest leaves none')
    bare = pixels(page)
    set_conf(page, 0.25)
    same(pixels(page), drawn, 'and back it looks as before')
    page.click('#classes button')
    same(page.ask(ROWS) < many and page.ask("document.querySelector('#classes button').getAttribute('aria-pressed')"), 'false',
         'a class is switched off')
    page.click('#classes-none')
    check(page.ask(ROWS) == 0 and pixels(page) == bare, 'all classes are')
    page.click('#classes-all')
    same(pixels(page), drawn, 'and on again')
    same(asked(page, '/v1/detect'), before, 'the server was not asked again for any of this')


def test_table(page):
    drawn = pixels(page)
    page.click('#boxes tr:nth-child(2)')
    same(page.ask("document.querySelector('#boxes tr:nth-child(2)').getAttribute('aria-selected')"), 'true', 'a row is chosen')
    check(pixels(page) != drawn, 'its box stands out')
    column = "[...document.querySelectorAll('#boxes tr')].map((row) => row.children[{}].textContent)"
    page.click("th[data-key='label'] button")
    labels = page.ask(column.format(0))
    same(labels, sorted(labels), 'rows are sorted by class')
    page.click("th[data-key='x1'] button")
    page.click("th[data-key='x1'] button")
    lefts = [int(one) for one in page.ask(column.format(2))]
    same(lefts, sorted(lefts), 'and by place')
    page.click("th[data-key='score'] button")
    page.click('#zoom-in')
    check(pixels(page) != drawn, 'the picture is zoomed')
    page.click('#zoom-fit')


def test_keyboard(page):
    """From the top by Tab alone: what is reached, in that order, and what the keys do there."""
    page.ask("document.activeElement.blur(); window.scrollTo(0, 0); getSelection().removeAllRanges()")
    page.ask("document.querySelector('.skip').focus()")
    here = """(() => { const one = document.activeElement;
      return one === document.body ? '' : one.id || (one.closest('#boxes') ? 'row' : one.closest('thead') ? 'head' : one.closest('#classes') ? 'class' :
                        one.name || one.textContent.trim()); })()"""
    reached = []
    for _ in range(60):
        page.press('Tab')
        now = page.ask(here)
        if now in ('', 'Skip to the picture'):
            break
        reached.append(now)
        visible = page.ask("""(() => { const one = document.activeElement; const shown = one.id === 'file' ? one.labels[0] : one;
          const style = getComputedStyle(shown); return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0; })()""")
        check(visible, f'the focus is seen at {now}')
        if now == 'conf':
            value = page.ask("document.getElementById('conf').valueAsNumber")
            page.press('ArrowRight')
            check(page.ask("document.getElementById('conf').valueAsNumber") > value, 'an arrow moves the confidence')
        if now == 'row':
            chosen = "[...document.querySelectorAll('#boxes tr')].findIndex((row) => row.getAttribute('aria-selected') === 'true')"
            row = page.ask(chosen)
            page.press('ArrowDown')
            same(page.ask(chosen), row + 1, 'an arrow goes to the next box')
        if now == 'view':
            drawn = pixels(page)
            page.press('+')
            check(pixels(page) != drawn, 'plus zooms')
            page.press('0')
            same(pixels(page), drawn, 'and 0 fits')
    order = [one for one in ('file', 'camera', 'zoom-in', 'view', 'conf', 'class', 'save-json', 'head', 'row', 'model', 'copy')
             if one in reached]
    same(len(order), 11, f'Tab reaches everything: {reached}')
    unnamed = page.ask("""[...document.querySelectorAll('button, input, select, canvas, svg[role], a, table')].filter((one) =>
      !one.closest('[hidden]') && !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.textContent.trim() ||
        one.labels?.length || one.closest('[aria-hidden]'))).map((one) => one.outerHTML)""")
    same(unnamed, [], 'everything has a name')


def test_errors(page):
    with tempfile.NamedTemporaryFile(suffix='.jpg') as file:
        file.write(b'this is no picture')
        file.flush()
        page.choose_file('#file', file.name)
        page.wait("!document.getElementById('notice').hidden", 'a message')
    text = page.ask("document.getElementById('notice-text').textContent")
    check('cannot read this file as a picture' in text, f'a file that is none: {text}')
    until = time.monotonic() + 30
    while not any('422' in one for one in page.problems) and time.monotonic() < until:
        page.pause(0.1)
    check(any('422' in one for one in page.problems), 'the server answered 422')
    page.problems[:] = [one for one in page.problems if '422' not in one]  # the browser notes them
    page.click('#notice-close')
    open_picture(page)


def test_downloads(page):
    page.ask("""(() => { window.saved = []; const real = URL.createObjectURL;
      URL.createObjectURL = (blob) => { window.saved.push(blob); return real(blob); }; })()""")
    page.click('#save-json')
    kept = page.ask("window.saved[0].text().then((text) => { const {width, conf, boxes} = JSON.parse(text); return [width, conf, boxes.length]; })")
    same(kept, [800, page.ask("document.getElementById('conf').valueAsNumber"), page.ask(ROWS)], 'JSON has what is shown')
    page.click('#save-jpeg')
    page.wait('window.saved.length === 2', 'a picture')
    same(page.ask("createImageBitmap(window.saved[1]).then(({width, height}) => `${window.saved[1].type} ${width}x${height}`)"),
         'image/jpeg 800x600', 'the JPEG has the size of the picture')


def test_camera(page):
    before = asked(page, '/v1/detect')
    page.click('#camera')
    page.wait("document.getElementById('picture-name').textContent.startsWith('frame.jpg')", 'a frame of the camera')
    until = time.monotonic() + 30
    while asked(page, '/v1/detect') < before + 4 and time.monotonic() < until:
        page.pause(0.1)
    check(asked(page, '/v1/detect') >= before + 4, 'frames of the camera follow each other')
    page.click('#camera')
    page.pause(1)
    after = asked(page, '/v1/detect')
    page.pause(1)
    same(asked(page, '/v1/detect'), after, 'and end when it is stopped')


def test_live(page):
    page.wait("document.getElementById('link').dataset.up === 'true'", 'the live figures')
    page.wait("document.querySelector('#plot-throughput .line').getAttribute('d').length > 10", 'a line')
    check(page.ask("document.getElementById('value-throughput').textContent") != '–', 'the throughput is shown')


def screenshots(page, folder):
    if not folder:
        return
    os.makedirs(folder, exist_ok=True)
    page.ask('document.activeElement.blur()')
    for name, dark, width, height, phone in (('light', False, 1440, 960, False), ('dark', True, 1440, 960, False),
                                             ('tablet', False, 820, 1100, False), ('phone', False, 360, 740, True),
                                             ('phone-dark', True, 360, 740, True)):
        page.dark(dark)
        page.resize(width, height, 2 if phone else 1, phone)
        page.pause(0.4)
        page.screenshot(os.path.join(folder, name + '.png'), whole=True)
    page.dark(False)


def test_widths(page):
    for width in (360, 640, 820, 1280, 2200):
        page.resize(width, 800, 1, width < 500)
        page.pause(0.2)
        check(no_sideways(page), f'{width} pixels wide: nothing to scroll sideways')
    page.resize(1280, 900)


def test_token(chromium, program, folder):
    with tempfile.NamedTemporaryFile('w') as token:
        token.write('secret\n')
        token.flush()
        server = Server(program, '--token-file', token.name)
    page = Browser(chromium)
    try:
        page.open(server.address + '/')
        page.wait("document.getElementById('token-dialog').open", 'the question for the token')
        if folder:
            page.screenshot(os.path.join(folder, 'token.png'))
        page.type('wrong')
        page.press('Enter')
        page.wait("document.getElementById('token-dialog').open && document.getElementById('token').value === ''", 'the question again')
        page.type('secret')
        page.press('Enter')
        page.wait("document.querySelectorAll('#models input').length", 'the models')
        open_picture(page)
        check(page.ask(ROWS) > 0, 'with a token there are boxes')
        check('$SAKER_TOKEN' in page.ask("document.getElementById('curl').textContent"), 'the command names the token, and does not hold it')
        same(page.ask("JSON.stringify(localStorage).includes('secret') || document.cookie.includes('secret')"), False,
             'which is kept in the tab only')
    finally:
        page.close()
        server.close()


def test_cameras(chromium, program, folder):
    """The server's own cameras: a video that is shown over and over, and one that does not answer."""
    if not shutil.which('ffmpeg'):
        print('left out: there is no ffmpeg')
        return
    with tempfile.TemporaryDirectory() as place:
        clip = os.path.join(place, 'clip.mp4')
        subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-loop', '1', '-framerate', '10', '-i', PICTURE, '-frames:v', '30',
                        '-vf', "scale=800:-2,crop=640:360:x='mod(n*4,160)':y=40", '-pix_fmt', 'yuv420p', clip], check=True)
        server = Server(program, '--camera', f'street={clip}', '--camera', 'yard=rtsp://127.0.0.1:1/live')
        page = Browser(chromium)
        try:
            page.open(server.address + '/')
            page.wait("document.querySelectorAll('#cameras button').length === 2", 'the list of cameras')
            page.click('#cameras button[data-name="street"]')
            page.wait("document.getElementById('picture-name').textContent.startsWith('street  640')", 'its picture')
            before = pixels(page)
            page.wait(f"!document.getElementById('view').hidden && {pixels_of('view')} !== {before}", 'another picture')
            check(True, 'the pictures of a camera follow each other')
            same(page.ask("document.querySelector('#cameras [aria-pressed=true]').dataset.name"), 'street', 'it is marked in the list')
            if folder:
                page.screenshot(os.path.join(folder, 'cameras.png'))
            page.click('#cameras button[data-name="yard"]')
            page.wait("document.querySelector('#cameras [data-name=yard] .facts').textContent.includes('away')", 'what is wrong with the other')
            check(page.ask("document.getElementById('view').hidden"), 'nothing of the first is shown for it')
            open_picture(page)
            same(page.ask("document.querySelectorAll('#cameras [aria-pressed=true]').length"), 0, 'a picture ends the watching')
            check(page.ask(ROWS) > 0, 'and has its boxes')
        finally:
            page.close()
            server.close()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    chromium = find_chromium()
    if not chromium:
        print('skipped: there is no chromium (Debian: apt-get install chromium)')
        sys.exit(77)
    target, folder = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    if not target.startswith('http') and not os.access(target, os.X_OK):
        print(f'skipped: {target} is not built')
        sys.exit(77)
    running = None if target.startswith('http') else Server(target)
    address = target if running is None else running.address
    page = Browser(chromium)
    try:
        page.open(address.rstrip('/') + '/')
        page.wait("document.querySelector('#models input')", 'the models')
        if folder:
            os.makedirs(folder, exist_ok=True)
            page.screenshot(os.path.join(folder, 'empty.png'))
        for test in (test_boxes, test_thresholds, test_table, test_keyboard, test_downloads, test_errors, test_live, test_widths,
                     test_camera):
            print(f'-- {test.__name__[5:]}')
            test(page)
        open_picture(page)
        screenshots(page, folder)
        outside = [one for one in page.requests if not one.startswith((address, 'blob:' + address, 'data:'))]
        same(outside, [], 'no request went anywhere else')
        same(page.problems, [], 'the console is empty')
    finally:
        page.close()
        if running:
            running.close()
    if running:
        print('-- token')
        test_token(chromium, target, folder)
        print('-- cameras')
        test_cameras(chromium, target, folder)
    if failures:
        sys.exit(f'{len(failures)} failed:\n' + '\n'.join(failures))
    print('all held')


if __name__ == '__main__':
    try:
        main()
    except Failed as why:
        sys.exit(f'FAILED: {why}')
