#!/usr/bin/env python3
"""Triton's and KServe's own clients, unchanged, against saker-serve: what they read must be what a model gives.

  serve_clients.py [SAKER_SERVE] [--grpc]        default: build/release/saker-serve

Starts the server with models/signs.onnx on a free port. Tensors are compared with ONNX Runtime's on the same input,
pictures' boxes with those of POST /v1/detect. --grpc: also Triton's and KServe's gRPC clients, of a server that was
built with SAKER_WITH_GRPC=ON. Prints each check; exit code 1 where one fails, 77 where a client is not there. Needs
tritonclient[http,grpc], kserve, numpy and onnxruntime.
"""
import asyncio, base64, json, pathlib, socket, subprocess, sys, tempfile, time, urllib.request

WORDS, sys.argv[1:] = sys.argv[1:], []  # KServe reads them for itself when it is imported
try:
    import numpy as np
    import onnxruntime
    import tritonclient.http as triton
    from kserve import InferenceRESTClient, InferInput, InferRequest
    from kserve.inference_client import RESTConfig
    from tritonclient.utils import InferenceServerException
except ImportError as missing:
    print(f'skipped: {missing} (pip install "tritonclient[http,grpc]" kserve onnxruntime)')
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / 'models/signs.onnx'
PICTURE = ROOT / 'docs/pictures/demo.jpg'
START_S = 60

failed = 0


def check(what, right, more=''):
    global failed
    failed += not right
    print(f'{"ok  " if right else "FAIL"} {what}{"" if right or more == "" else f": {more}"}', flush=True)


def refused(what, call, status, part):
    try:
        call()
    except InferenceServerException as error:
        return check(what, error.status() == str(status) and part in error.message(), f'{error.status()} {error.message()}')
    check(what, False, 'it was answered')


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def wait_ready(client, server):
    end = time.time() + START_S
    while time.time() < end and server.poll() is None:
        try:
            if client.is_server_ready():
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit('the server did not get ready')


def documents(client):
    server = client.get_server_metadata()
    check('server metadata', server['name'] == 'saker' and 'binary_tensor_data' in server['extensions'], server)
    check('live, ready, model ready', client.is_server_live() and client.is_server_ready() and
          client.is_model_ready('signs') and client.is_model_ready('signs', '1') and not client.is_model_ready('none'))
    model = client.get_model_metadata('signs')
    check('model metadata', model['versions'] == ['1'] and model['inputs'][0]['datatype'] == 'FP32', model)
    config = client.get_model_config('signs', '1')
    check('model configuration', config['name'] == 'signs' and config['input'][0]['data_type'] == 'TYPE_FP32', config)
    return model


def same(what, result, names, expected, tolerance):
    for name, right in zip(names, expected):
        got = result.as_numpy(name)
        near = got is not None and got.shape == right.shape and got.dtype == right.dtype and \
            np.allclose(got, right, rtol=1e-3, atol=tolerance)
        check(f'{what}: {name}', near, 'no output' if got is None else
              f'{got.dtype}{got.shape}, largest difference {np.abs(got - right).max() if got.shape == right.shape else "?"}')


def tensors(client, model):
    spec, outputs = model['inputs'][0], [one['name'] for one in model['outputs']]
    shape = [1] + [size if size > 0 else 320 for size in spec['shape'][1:]]
    data = np.random.default_rng(1).random(shape, dtype=np.float32)
    expected = onnxruntime.InferenceSession(str(MODEL), providers=['CPUExecutionProvider']).run(
        outputs, {spec['name']: data})
    tolerance = 1e-3 * max(1.0, max(float(np.abs(one).max()) for one in expected))
    answers = []
    for binary_in in (True, False):
        given = triton.InferInput(spec['name'], shape, 'FP32')
        given.set_data_from_numpy(data, binary_data=binary_in)
        for binary_out in (True, False, None):
            asked = None if binary_out is None else [triton.InferRequestedOutput(name, binary_data=binary_out)
                                                     for name in outputs]
            result = client.infer('signs', [given], outputs=asked, request_id='r7', priority=2, timeout=30_000_000)
            what = f'infer, input {"binary" if binary_in else "JSON"}, output ' + \
                {True: 'binary', False: 'JSON', None: 'as the client likes'}[binary_out]
            same(what, result, outputs, expected, tolerance)
            check(f'{what}: id and model', result.get_response()['id'] == 'r7' and
                  result.get_response()['model_version'] == '1')
            answers.append([result.as_numpy(name) for name in outputs])
    check('all ways give the same bits', all(np.array_equal(a, b) for one in answers for a, b in zip(one, answers[0])))
    future = client.async_infer('signs', [given], model_version='1')
    same('async infer', future.get_result(), outputs, expected, tolerance)
    return spec, data, outputs, expected, tolerance


def pictures(client, url, name):
    file = PICTURE.read_bytes()
    given = triton.InferInput(name, [2], 'BYTES')
    given.set_data_from_numpy(np.array([file, file], dtype=object))
    request = urllib.request.Request(f'{url}/v1/detect?model=signs', file, {'Content-Type': 'image/jpeg'})
    boxes = json.load(urllib.request.urlopen(request))['boxes']
    result = client.infer('signs', [given])
    check('pictures: as many boxes as /v1/detect', list(result.as_numpy('num')) == [len(boxes)] * 2, result.as_numpy('num'))
    check('pictures: shapes', result.as_numpy('boxes').shape == (2, len(boxes), 4) and
          result.as_numpy('class_ids').dtype == np.int64)
    corners = np.array([[box[key] for key in ('x1', 'y1', 'x2', 'y2')] for box in boxes], np.float32)
    check('pictures: the boxes of /v1/detect', len(boxes) > 0 and np.array_equal(result.as_numpy('boxes')[0], corners) and
          np.array_equal(result.as_numpy('boxes')[1], corners))
    scores = result.as_numpy('scores')
    check('pictures: scores descend, in (0, 1]', bool((np.diff(scores) <= 0).all() and (scores > 0).all() and (scores <= 1).all()))
    check('pictures: labels', [one.decode() for one in result.as_numpy('labels')[0]] == [box['label'] for box in boxes],
          result.as_numpy('labels'))
    coded = triton.InferInput(name, [1], 'BYTES')
    coded.set_data_from_numpy(np.array([base64.b64encode(file)], dtype=object), binary_data=False)
    asked = [triton.InferRequestedOutput('boxes', binary_data=False)]
    again = client.infer('signs', [coded], outputs=asked)
    check('pictures: base64 in JSON gives the same boxes', np.array_equal(again.as_numpy('boxes')[0],
                                                                          result.as_numpy('boxes')[0]))
    none = client.infer('signs', [given], parameters={'conf': 0.9999})
    check('pictures: parameter conf', none.as_numpy('boxes').shape == (2, 0, 4))
    bad = triton.InferInput(name, [1], 'BYTES')
    bad.set_data_from_numpy(np.array([b'no picture'], dtype=object))
    refused('what is no picture: 422', lambda: client.infer('signs', [bad]), 422, 'picture 0')


def errors(client, name, data):
    given = triton.InferInput(name, data.shape, 'FP32').set_data_from_numpy(data)
    other = triton.InferInput('other', data.shape, 'FP32').set_data_from_numpy(data)
    small = triton.InferInput(name, [1, 3, 2, 2], 'FP32').set_data_from_numpy(np.zeros((1, 3, 2, 2), np.float32))
    typed = triton.InferInput(name, data.shape, 'INT32').set_data_from_numpy(data.astype(np.int32))
    refused('unknown model: 404', lambda: client.infer('none', [given]), 404, 'none')
    refused('unknown version: 404', lambda: client.infer('signs', [given], model_version='9'), 404, '9')
    refused('unknown input', lambda: client.infer('signs', [other]), 400, '`other`')
    refused('input twice', lambda: client.infer('signs', [given, given]), 400, 'twice')
    refused('wrong shape', lambda: client.infer('signs', [small]), 400, name)
    refused('wrong type', lambda: client.infer('signs', [typed]), 400, 'INT32')
    refused('unknown output', lambda: client.infer('signs', [given], outputs=[triton.InferRequestedOutput('o9')]), 400, 'o9')
    refused('classification', lambda: client.infer(
        'signs', [given], outputs=[triton.InferRequestedOutput(client.get_model_metadata('signs')['outputs'][0]['name'],
                                                               class_count=3)]), 400, 'classification')


def repository(client):
    index = client.get_model_repository_index()
    check('repository index', index[0]['name'] == 'signs' and index[0]['state'] == 'READY', index)
    before = client.get_inference_statistics('signs')['model_stats'][0]
    check('statistics', before['inference_count'] > 0 and before['inference_stats']['success']['count'] > 0 and
          before['inference_stats']['compute_infer']['ns'] > 0, before)
    check('statistics of all models and of a version', len(client.get_inference_statistics()['model_stats']) == 1 and
          client.get_inference_statistics('signs', '1')['model_stats'][0]['version'] == '1')
    client.load_model('signs')
    check('reloaded', client.is_model_ready('signs'))
    client.unload_model('signs')
    check('unloaded', not client.is_model_ready('signs'))
    client.load_model('signs')
    check('loaded again', client.is_model_ready('signs'))


async def kserve(url, spec, data, outputs, expected, tolerance):
    async with InferenceRESTClient(RESTConfig(protocol='v2', timeout=60)) as client:
        check('KServe: live, ready, model ready', await client.is_server_live(url) and await client.is_server_ready(url) and
              await client.is_model_ready(url, 'signs'))
        for binary in (True, False):
            given = InferInput(name=spec['name'], shape=list(data.shape), datatype='FP32')
            given.set_data_from_numpy(data, binary_data=binary)
            request = InferRequest(model_name='signs', infer_inputs=[given], request_id='k1',
                                   parameters={'binary_data_output': binary})
            answer = await client.infer(url, request, model_name='signs')
            what = f'KServe: infer, {"binary" if binary else "JSON"}'
            check(f'{what}: id', answer.id == 'k1', answer.id)
            for name, right in zip(outputs, expected):
                output = answer.get_output_by_name(name)
                got = None if output is None else output.as_numpy()
                check(f'{what}: {name}', got is not None and got.shape == right.shape and
                      np.allclose(got, right, rtol=1e-3, atol=tolerance))


def grpc_clients(address, url, spec, data, outputs, expected, tolerance):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / 'tensors.npz'
        np.savez(file, name=spec['name'], data=data, outputs=outputs, tolerance=tolerance,
                 **{f'expected_{i}': one for i, one in enumerate(expected)})
        for which in ('triton', 'kserve'):
            program = pathlib.Path(__file__).with_name('serve_clients_grpc.py')
            done = subprocess.run([sys.executable, program, which, address, url, file, PICTURE], timeout=300)
            check(f'{which} over gRPC', done.returncode == 0, done.returncode)


def main():
    words = [word for word in WORDS if word != '--grpc']
    program = pathlib.Path(words[0] if words else ROOT / 'build/release/saker-serve')
    port = free_port()
    grpc_address = f'127.0.0.1:{free_port()}' if '--grpc' in WORDS else ''
    url = f'http://127.0.0.1:{port}'
    flags = ['--model', f'signs={MODEL}', '--port', str(port), '--admin-open']
    server = subprocess.Popen([program, *flags, *(['--grpc', grpc_address] if grpc_address else [])],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = triton.InferenceServerClient(f'127.0.0.1:{port}', network_timeout=120, connection_timeout=120)
        wait_ready(client, server)
        model = documents(client)
        spec, data, outputs, expected, tolerance = tensors(client, model)
        pictures(client, url, spec['name'])
        errors(client, spec['name'], data)
        asyncio.run(kserve(url, spec, data, outputs, expected, tolerance))
        if grpc_address:
            grpc_clients(grpc_address, url, spec, data, outputs, expected, tolerance)
        repository(client)
    finally:
        server.terminate()
        server.wait(timeout=60)
    check('the server ended in order', server.returncode == 0, server.returncode)
    print('all as expected' if failed == 0 else f'{failed} checks failed')
    return int(failed > 0)


if __name__ == '__main__':
    sys.exit(main())
