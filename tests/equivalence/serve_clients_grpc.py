"""Triton's or KServe's gRPC client, unchanged, against saker-serve: what serve_clients.py runs for --grpc.

  serve_clients_grpc.py triton|kserve ADDRESS URL TENSORS.npz PICTURE

Each in a process of its own, because both bring the protocol's messages under the same names. What is right is what the
forms over HTTP give: boxes of POST /v1/detect, ONNX Runtime's tensors. TENSORS.npz: the input `data` and its `name`,
the outputs' `outputs` (names), `expected_0` and so on, `tolerance`. Prints each check; exit code 1 where one fails.
"""
from __future__ import annotations

import asyncio, json, pathlib, queue, sys, urllib.request
from typing import Any, Callable, NamedTuple

import numpy as np

WORDS, sys.argv[1:] = sys.argv[1:], []  # KServe reads them for itself when it is imported
if WORDS[0] == 'triton':
    import tritonclient.grpc as triton
    from tritonclient.utils import InferenceServerException
else:
    from kserve import InferenceGRPCClient, InferInput, InferRequest

failed = 0


class Tensors(NamedTuple):
    """An input [1, 3, H, W] with its name, and the outputs that are right for it, within a tolerance."""
    name: str
    data: np.ndarray
    outputs: list[str]
    expected: list[np.ndarray]
    tolerance: float


def check(what: str, right: bool, more: Any = '') -> None:
    """Prints it, and counts what is wrong."""
    global failed
    failed += not right
    print(f'{"ok  " if right else "FAIL"} {what}{"" if right or more == "" else f": {more}"}', flush=True)


def near(got: np.ndarray | None, right: np.ndarray, tolerance: float) -> bool:
    """Whether an output [any shape] has the right one's shape, type and values."""
    return got is not None and got.shape == right.shape and got.dtype == right.dtype and \
        np.allclose(got, right, rtol=1e-3, atol=tolerance)


def refused(what: str, call: Callable[[], Any], code: str, part: str) -> None:
    """Whether the call fails with gRPC's code and a message that has the part."""
    try:
        call()
    except InferenceServerException as error:
        return check(what, error.status() == f'StatusCode.{code}' and part in error.message(),
                     f'{error.status()} {error.message()}')
    check(what, False, 'it was answered')


def documents(client: triton.InferenceServerClient) -> None:
    """What the server tells of itself and of the model."""
    server = client.get_server_metadata()
    check('gRPC: server metadata', server.name == 'saker' and 'model_repository' in server.extensions, server)
    check('gRPC: live, ready, model ready', client.is_server_live() and client.is_server_ready() and
          client.is_model_ready('signs') and client.is_model_ready('signs', '1') and not client.is_model_ready('none'))
    model = client.get_model_metadata('signs', as_json=True)
    check('gRPC: model metadata', model['versions'] == ['1'] and model['inputs'][0]['datatype'] == 'FP32', model)
    config = client.get_model_config('signs', '1', as_json=True)['config']
    check('gRPC: model configuration', config['name'] == 'signs' and config['input'][0]['data_type'] == 'TYPE_FP32' and
          config['backend'] == 'saker', config)


def tensors(client: triton.InferenceServerClient, given: Tensors) -> None:
    """Tensors in, tensors out: at once, later, and with a deadline."""
    name, data, outputs, expected, tolerance = given
    tensor = triton.InferInput(name, list(data.shape), 'FP32').set_data_from_numpy(data)
    result = client.infer('signs', [tensor], request_id='g7', priority=2, timeout=30_000_000, client_timeout=60)
    for output, right in zip(outputs, expected):
        check(f'gRPC: infer: {output}', near(result.as_numpy(output), right, tolerance))
    answer = result.get_response()
    check('gRPC: id, model and version', (answer.id, answer.model_name, answer.model_version) == ('g7', 'signs', '1'))
    asked = [triton.InferRequestedOutput(outputs[0])]
    some = client.infer('signs', [tensor], model_version='1', outputs=asked).get_response().outputs
    check('gRPC: the outputs that are asked for', [one.name for one in some] == outputs[:1])
    answers: queue.Queue = queue.Queue()
    client.async_infer('signs', [tensor], lambda result, error: answers.put((result, error)))
    later, error = answers.get(timeout=60)
    check('gRPC: async infer', error is None and near(later.as_numpy(outputs[0]), expected[0], tolerance), error)


def pictures(client: triton.InferenceServerClient, url: str, name: str, picture: pathlib.Path) -> None:
    """Encoded pictures in, boxes out: those of POST /v1/detect."""
    file = picture.read_bytes()
    request = urllib.request.Request(f'{url}/v1/detect?model=signs', file, {'Content-Type': 'image/jpeg'})
    boxes = json.load(urllib.request.urlopen(request))['boxes']
    given = triton.InferInput(name, [2], 'BYTES').set_data_from_numpy(np.array([file, file], dtype=object))
    result = client.infer('signs', [given])
    corners = np.array([[box[key] for key in ('x1', 'y1', 'x2', 'y2')] for box in boxes], np.float32)
    check('gRPC: pictures: the boxes of /v1/detect', len(boxes) > 0 and
          list(result.as_numpy('num')) == [len(boxes)] * 2 and np.array_equal(result.as_numpy('boxes')[1], corners))
    check('gRPC: pictures: labels', [one.decode() for one in result.as_numpy('labels')[0]] ==
          [box['label'] for box in boxes], result.as_numpy('labels'))
    none = client.infer('signs', [given], parameters={'conf': 0.9999})
    check('gRPC: pictures: parameter conf', none.as_numpy('boxes').shape == (2, 0, 4))
    bad = triton.InferInput(name, [1], 'BYTES').set_data_from_numpy(np.array([b'no picture'], dtype=object))
    refused('gRPC: what is no picture', lambda: client.infer('signs', [bad]), 'INVALID_ARGUMENT', 'picture 0')


def errors(client: triton.InferenceServerClient, name: str, data: np.ndarray) -> None:
    """Refusals with their codes."""
    given = triton.InferInput(name, list(data.shape), 'FP32').set_data_from_numpy(data)
    other = triton.InferInput('other', list(data.shape), 'FP32').set_data_from_numpy(data)
    typed = triton.InferInput(name, list(data.shape), 'INT32').set_data_from_numpy(data.astype(np.int32))
    some = triton.InferRequestedOutput('o9')
    refused('gRPC: unknown model', lambda: client.infer('none', [given]), 'NOT_FOUND', 'none')
    refused('gRPC: unknown version', lambda: client.infer('signs', [given], '9'), 'NOT_FOUND', '9')
    refused('gRPC: unknown input', lambda: client.infer('signs', [other]), 'INVALID_ARGUMENT', '`other`')
    refused('gRPC: wrong type', lambda: client.infer('signs', [typed]), 'INVALID_ARGUMENT', 'INT32')
    refused('gRPC: unknown output', lambda: client.infer('signs', [given], outputs=[some]),
            'INVALID_ARGUMENT', 'o9')
    refused('gRPC: compression', lambda: client.infer('signs', [given], compression_algorithm='gzip'),
            'UNIMPLEMENTED', '')
    refused('gRPC: a deadline that has passed', lambda: client.infer('signs', [given], client_timeout=1e-4),
            'DEADLINE_EXCEEDED', '')


def repository(client: triton.InferenceServerClient) -> None:
    """Triton's index, statistics, loading and unloading."""
    index = client.get_model_repository_index()
    check('gRPC: repository index', index.models[0].name == 'signs' and index.models[0].state == 'READY', index)
    sums = client.get_inference_statistics('signs').model_stats[0]
    check('gRPC: statistics', sums.inference_count > 0 and sums.inference_stats.compute_infer.ns > 0, sums)
    client.unload_model('signs')
    check('gRPC: unloaded', not client.is_model_ready('signs'))
    client.load_model('signs')
    check('gRPC: loaded', client.is_model_ready('signs'))


async def kserve(address: str, given: Tensors) -> None:
    """KServe's client, with typed contents and with raw ones."""
    name, data, outputs, expected, tolerance = given
    client = InferenceGRPCClient(address, timeout=60)
    check('KServe gRPC: live, ready, model ready', await client.is_server_live() and await client.is_server_ready() and
          await client.is_model_ready('signs'))
    for raw in (True, False):
        tensor = InferInput(name=name, shape=list(data.shape), datatype='FP32')
        tensor.set_data_from_numpy(data, binary_data=raw)
        answer = await client.infer(InferRequest(model_name='signs', infer_inputs=[tensor], request_id='k1'))
        check(f'KServe gRPC: infer, {"raw" if raw else "typed"}: id', answer.id == 'k1', answer.id)
        for wanted, right in zip(outputs, expected):
            output = answer.get_output_by_name(wanted)
            check(f'KServe gRPC: infer, {"raw" if raw else "typed"}: {wanted}', output is not None and
                  near(output.as_numpy(), right, tolerance))
    await client.close()


def main() -> int:
    """Runs the checks of the client that the first word names."""
    which, address, url, file, picture = WORDS
    with np.load(file) as saved:
        outputs = [str(one) for one in saved['outputs']]
        given = Tensors(str(saved['name']), saved['data'], outputs,
                        [saved[f'expected_{i}'] for i in range(len(outputs))], float(saved['tolerance']))
    if which == 'kserve':
        asyncio.run(kserve(address, given))
        return int(failed > 0)
    with triton.InferenceServerClient(address) as client:
        documents(client)
        tensors(client, given)
        pictures(client, url, given.name, pathlib.Path(picture))
        errors(client, given.name, given.data)
        repository(client)
    return int(failed > 0)


if __name__ == '__main__':
    sys.exit(main())
