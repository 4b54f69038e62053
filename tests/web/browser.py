"""A headless Chromium, driven over its own protocol through a pipe. Python 3.9 or later, without packages.
The protocol: https://chromedevtools.github.io/devtools-protocol/."""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


def find_chromium():
    for name in ('chromium', 'chromium-browser', 'google-chrome'):
        found = shutil.which(name)
        if found:
            return found
    return None


class Failed(Exception):
    pass


KEYS = {'Tab': 9, 'Enter': 13, 'Escape': 27, ' ': 32, 'End': 35, 'Home': 36, 'ArrowLeft': 37, 'ArrowUp': 38,
        'ArrowRight': 39, 'ArrowDown': 40}


class Browser:
    """One page. `requests`: the addresses it asked for, `problems`: what it wrote to the console, or threw."""

    def __init__(self, program, width=1280, height=900):
        self.profile = tempfile.mkdtemp(prefix='saker-page-')
        to_browser, self.to = os.pipe()
        self.from_, from_browser = os.pipe()

        def pipes():  # where --remote-debugging-pipe looks
            read, write = os.dup(to_browser), os.dup(from_browser)
            os.dup2(read, 3)
            os.dup2(write, 4)

        self.process = subprocess.Popen(
            [program, '--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--no-first-run',
             '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync',
             '--disable-extensions', '--hide-scrollbars', '--force-color-profile=srgb', '--use-fake-device-for-media-stream',
             '--use-fake-ui-for-media-stream', f'--user-data-dir={self.profile}', f'--window-size={width},{height}',
             'about:blank'],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.last, self.rest, self.session = 0, b'', None
        self.requests, self.problems, self.expected = [], [], []
        target = next(one for one in self.call('Target.getTargets')['targetInfos'] if one['type'] == 'page')
        self.session = self.call('Target.attachToTarget', targetId=target['targetId'], flatten=True)['sessionId']
        for domain in ('Page', 'Runtime', 'Network', 'Log', 'DOM'):
            self.call(f'{domain}.enable')
        self.resize(width, height)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    # ---- the protocol ----

    def message(self, until):
        """The next message; None: there was none until then."""
        while b'\0' not in self.rest:
            if not select.select([self.from_], [], [], max(0, until - time.monotonic()))[0]:
                return None
            piece = os.read(self.from_, 1 << 20)
            if not piece:
                raise Failed('the browser has ended')
            self.rest += piece
        one, self.rest = self.rest.split(b'\0', 1)
        return json.loads(one)

    def note(self, event):
        method, facts = event.get('method'), event.get('params', {})
        if method == 'Network.requestWillBeSent':
            self.requests.append(facts['request']['url'])
        elif method == 'Runtime.exceptionThrown':
            details = facts['exceptionDetails']
            self.problems.append(details.get('exception', {}).get('description', details['text']))
        elif method == 'Log.entryAdded' and facts['entry']['level'] in ('error', 'warning'):
            self.problems.append(f"{facts['entry']['text']} {facts['entry'].get('url', '')}")
        elif method == 'Runtime.consoleAPICalled' and facts['type'] in ('error', 'warning', 'assert'):
            self.problems.append(' '.join(str(one.get('value', one.get('description'))) for one in facts['args']))

    def call(self, method, **arguments):
        self.last += 1
        request = {'id': self.last, 'method': method, 'params': arguments}
        if self.session:
            request['sessionId'] = self.session
        os.write(self.to, json.dumps(request).encode() + b'\0')
        until = time.monotonic() + 60
        while True:
            answer = self.message(until)
            if answer is None:
                raise Failed(f'{method}: no answer in 60 s')
            if answer.get('id') == request['id']:
                if 'error' in answer:
                    raise Failed(f"{method}: {answer['error']['message']}")
                return answer['result']
            self.note(answer)

    # ---- what a person does ----

    def resize(self, width, height, scale=1, phone=False):
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=scale, mobile=phone)
        self.call('Emulation.setTouchEmulationEnabled', enabled=phone)

    def dark(self, on):
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if on else 'light'}])

    def open(self, address):
        self.call('Page.navigate', url=address)
        self.wait("document.readyState === 'complete'", 'the page to load')

    def ask(self, expression):
        answer = self.call('Runtime.evaluate', expression=expression, returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise Failed(f"{expression}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer['result'].get('value')

    def wait(self, expression, what, seconds=30):
        """Until it is true. A slow machine takes longer, it does not fail."""
        until = time.monotonic() + seconds
        while True:
            if self.ask(f'Boolean({expression})'):
                return
            if time.monotonic() > until:
                raise Failed(f'waited {seconds} s for {what}')
            time.sleep(0.05)

    def pause(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            event = self.message(until)
            if event:
                self.note(event)

    def choose_file(self, selector, path):
        root = self.call('DOM.getDocument')['root']['nodeId']
        node = self.call('DOM.querySelector', nodeId=root, selector=selector)['nodeId']
        self.call('DOM.setFileInputFiles', nodeId=node, files=[os.path.abspath(path)])

    def press(self, key, **more):
        facts = dict(key=key, code='Space' if key == ' ' else key, windowsVirtualKeyCode=KEYS.get(key, ord(key[0])), **more)
        text = {'Enter': '\r'}.get(key, key if len(key) == 1 else None)
        if text:
            facts['text'] = text
        self.call('Input.dispatchKeyEvent', type='keyDown' if text else 'rawKeyDown', **facts)
        self.call('Input.dispatchKeyEvent', type='keyUp', **facts)

    def type(self, text):
        self.call('Input.insertText', text=text)

    def click(self, selector):
        self.ask(f'document.querySelector({json.dumps(selector)}).click()')

    def screenshot(self, path, whole=False):
        facts = {'format': 'png'}
        if whole:
            size = self.call('Page.getLayoutMetrics')['cssContentSize']
            facts.update(captureBeyondViewport=True, clip=dict(x=0, y=0, width=size['width'], height=size['height'], scale=1))
        with open(path, 'wb') as file:
            file.write(base64.b64decode(self.call('Page.captureScreenshot', **facts)['data']))
