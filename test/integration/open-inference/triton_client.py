"""What Triton's own client (tritonclient of PyPI), unchanged, makes of a server with the conformance fixtures.

triton_client.py CHECK http|grpc ADDRESS: the status is 0 where it is as it should be.
"""

import importlib
import sys

import numpy as np
from tritonclient.utils import InferenceServerException

_, check, protocol, address = sys.argv
triton = importlib.import_module(f"tritonclient.{protocol}")

DATATYPES = {
    "BOOL": np.array([[True, False, True, False]]),
    "UINT8": np.array([[0, 1, 128, 255]], np.uint8),
    "UINT16": np.array([[0, 1, 2, 2**16 - 1]], np.uint16),
    "UINT32": np.array([[0, 1, 2, 2**32 - 1]], np.uint32),
    "UINT64": np.array([[0, 1, 2**53 + 1, 2**64 - 1]], np.uint64),
    "INT8": np.array([[-128, -1, 0, 127]], np.int8),
    "INT16": np.array([[-(2**15), -1, 0, 2**15 - 1]], np.int16),
    "INT32": np.array([[-(2**31), -1, 0, 2**31 - 1]], np.int32),
    "INT64": np.array([[-(2**63), -1, 2**53 + 1, 2**63 - 1]], np.int64),
    "FP16": np.array([[-2.5, 0.1, 0, 65504]], np.float16),
    "FP32": np.array([[-2.5, 0.1, 0, 3.4e38]], np.float32),
    "FP64": np.array([[-2.5, 0.1, 0, 1.7e308]], np.float64),
    "BYTES": np.array([["plain".encode(), "".encode(), "ünïcode ✓".encode(), b'"quoted"\n']], np.object_),
}


def tensor(name, datatype, values, **how):
    """`binary_data` is for HTTP alone: messages of gRPC are always binary."""
    one = triton.InferInput(name, list(values.shape), datatype)
    one.set_data_from_numpy(values, **(how if protocol == "http" else {}))
    return one


def wanted(name, **how):
    return triton.InferRequestedOutput(name, **(how if protocol == "http" else {}))


def sums(**how):
    a, b = np.array([[1, 2], [3, 4]], np.float32), np.array([[10, 20], [30, 40]], np.float32)
    return [tensor("a", "FP32", a, **how), tensor("b", "FP32", b, **how)]


def same(seen, expected):
    assert seen is not None, "the output is missing"
    assert seen.shape == expected.shape, f"{seen.shape} is not {expected.shape}"
    assert seen.dtype == expected.dtype, f"{seen.dtype} is not {expected.dtype}"
    np.testing.assert_array_equal(seen, expected)


def facts(answer):
    """Messages of gRPC as JSON has them; HTTP has it already."""
    return answer if protocol == "http" else importlib.import_module("google.protobuf.json_format").MessageToDict(
        answer, preserving_proto_field_name=True
    )


def refused(ask, *statuses):
    try:
        ask()
    except InferenceServerException as error:
        assert error.status() in statuses, f"the status is {error.status()}: {error.message()}"
        assert error.message(), "there is no message"
        return error.message()
    raise AssertionError("is answered")


def health(client):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("conformance-sum") and client.is_model_ready("conformance-sum", "1.0.0")
    assert not client.is_model_ready("no-such-model")


def metadata(client):
    server = facts(client.get_server_metadata())
    assert server["name"] == "switchyard" and "binary_tensor_data" in server["extensions"], server
    for version in ("", "1.0.0"):
        model = facts(client.get_model_metadata("conformance-sum", version))
        assert model["versions"] == ["1.0.0"], model
        shapes = [(one["name"], one["datatype"], [int(size) for size in one["shape"]]) for one in model["inputs"]]
        assert shapes == [("a", "FP32", [-1, 2]), ("b", "FP32", [-1, 2])], shapes
        assert [one["name"] for one in model["outputs"]] == ["sum", "difference"], model


def binary(client):
    result = client.infer("conformance-sum", sums())
    same(result.as_numpy("sum"), np.array([[11, 22], [33, 44]], np.float32))
    same(result.as_numpy("difference"), np.array([[-9, -18], [-27, -36]], np.float32))


def json(client):
    outputs = [wanted("sum", binary_data=False), wanted("difference", binary_data=False)]
    result = client.infer("conformance-sum", sums(binary_data=False), outputs=outputs)
    assert "data" in result.get_output("sum"), "is not answered in JSON"
    same(result.as_numpy("sum"), np.array([[11, 22], [33, 44]], np.float32))


def outputs(client):
    result = client.infer("conformance-sum", sums(), outputs=[wanted("difference")])
    assert result.as_numpy("sum") is None, "an output came that was not asked for"
    same(result.as_numpy("difference"), np.array([[-9, -18], [-27, -36]], np.float32))


def request(client):
    """What stands around the tensors: id, version, timeout, priority, parameters of one's own."""
    result = client.infer(
        "conformance-sum", sums(), "1.0.0", request_id="42", timeout=60_000_000, priority=1, parameters={"team": "x"}
    )
    answer = facts(result.get_response())
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("42", "conformance-sum", "1.0.0"), answer


def datatypes(client):
    for datatype, values in DATATYPES.items():
        result = client.infer(f"conformance-{datatype.lower()}", [tensor("x", datatype, values)])
        same(result.as_numpy("y"), values)
        # Triton's client writes FP16 in binary alone.
        if protocol == "grpc" or datatype == "FP16":
            continue
        plain = [tensor("x", datatype, values, binary_data=False)]
        result = client.infer(f"conformance-{datatype.lower()}", plain, outputs=[wanted("y", binary_data=False)])
        if datatype == "BYTES":  # In JSON they are texts.
            assert [one.encode() for one in result.as_numpy("y").flat] == list(values.flat)
        else:
            same(result.as_numpy("y"), values)


def not_numbers(client):
    values = np.array([[np.nan, np.inf, -np.inf, -0.0]], np.float32)
    result = client.infer("conformance-fp32", [tensor("x", "FP32", values)])
    assert result.as_numpy("y").tobytes() == values.tobytes(), result.as_numpy("y")


def bytes_alone(client):
    """One text of 100 kB among short ones, as they are and as `np.str_`."""
    for values in (
        np.array([[b"", b"x" * 100_000, b"a", b"b"]], np.object_),
        np.array([["", "ü" * 100_000, "a", "b"]], np.object_),
    ):
        seen = client.infer("conformance-bytes", [tensor("x", "BYTES", values)]).as_numpy("y")
        assert list(seen.flat) == [one if isinstance(one, bytes) else one.encode() for one in values.flat]


def compression(client):
    if protocol == "grpc":
        for algorithm in ("gzip", "deflate"):
            result = client.infer("conformance-sum", sums(), compression_algorithm=algorithm)
            same(result.as_numpy("sum"), np.array([[11, 22], [33, 44]], np.float32))
        return
    for asked in ("gzip", "deflate", None):
        for answered in ("gzip", "deflate", None):
            how = {"request_compression_algorithm": asked, "response_compression_algorithm": answered}
            x = tensor("x", "FP32", np.ones((1000, 4), np.float32))
            same(client.infer("conformance-fp32", [x], **how).as_numpy("y"), np.ones((1000, 4), np.float32))


def at_once(client):
    """Many that are under way together, each with its own answer."""
    answers = []
    for number in range(64):
        x = tensor("x", "INT64", np.full((1, 4), number, np.int64))
        if protocol == "http":
            answers.append(client.async_infer("conformance-int64", [x], request_id=str(number)))
        else:
            answers.append(concurrently(client, x, number))
    for number, answer in enumerate(answers):
        result = answer.get_result() if protocol == "http" else answer.result(30)
        assert facts(result.get_response())["id"] == str(number)
        same(result.as_numpy("y"), np.full((1, 4), number, np.int64))


def concurrently(client, x, number):
    from concurrent.futures import Future

    future = Future()

    def done(result, error):
        future.set_result(result) if error is None else future.set_exception(error)

    client.async_infer("conformance-int64", [x], done, request_id=str(number))
    return future


def asyncio(_):
    """The client's other form."""
    import asyncio as loop

    aio = importlib.import_module(f"tritonclient.{protocol}.aio")

    async def ask():
        async with aio.InferenceServerClient(address) as client:
            assert await client.is_server_ready()
            result = await client.infer("conformance-sum", sums())
            same(result.as_numpy("sum"), np.array([[11, 22], [33, 44]], np.float32))

    loop.run(ask())


def statistics(client):
    before = counted(client, "conformance-uint8")
    for _ in range(3):
        client.infer("conformance-uint8", [tensor("x", "UINT8", np.ones((2, 4), np.uint8))])
    refused(
        lambda: client.infer("conformance-uint8", [tensor("x", "UINT8", np.ones((2, 3), np.uint8))]),
        *("400", "StatusCode.INVALID_ARGUMENT"),
    )
    after = counted(client, "conformance-uint8")
    assert [one - other for one, other in zip(after, before)] == [3, 6], (before, after)
    every = facts(client.get_inference_statistics())["model_stats"]
    assert {"conformance-sum", "conformance-uint8"} <= {one["name"] for one in every}, every


def counted(client, model):
    """Requests that were answered, and rows."""
    (stats,) = facts(client.get_inference_statistics(model))["model_stats"]
    success = stats.get("inference_stats", {}).get("success", {})
    return int(success.get("count", 0)), int(stats.get("inference_count", 0))


def errors(client):
    missing, wrong = ("404", "StatusCode.NOT_FOUND"), ("400", "StatusCode.INVALID_ARGUMENT")
    a, b = sums()
    three = tensor("b", "FP32", np.ones((2, 3), np.float32))
    assert "no-such-model" in refused(lambda: client.infer("no-such-model", [a, b]), *missing)
    refused(lambda: client.infer("conformance-sum", [a, b], "9.9.9"), *missing)
    refused(lambda: client.get_model_metadata("no-such-model"), *missing)
    refused(lambda: client.get_inference_statistics("no-such-model"), *missing)
    refused(lambda: client.infer("conformance-sum", [a]), *wrong)
    refused(lambda: client.infer("conformance-sum", [a, three]), *wrong)
    refused(lambda: client.infer("conformance-sum", [a, tensor("c", "FP32", np.ones((2, 2), np.float32))]), *wrong)
    refused(lambda: client.infer("conformance-sum", [a, tensor("b", "INT64", np.ones((2, 2), np.int64))]), *wrong)
    refused(lambda: client.infer("conformance-sum", [a, b], outputs=[wanted("product")]), *wrong)
    # After all of that it answers as before.
    binary(client)


with triton.InferenceServerClient(address, **({"concurrency": 8} if protocol == "http" else {})) as client:
    globals()[check](client)
