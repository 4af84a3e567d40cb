"""What KServe's own client (kserve of PyPI), unchanged, makes of a server with the conformance fixtures.

kserve_client.py CHECK rest|grpc ADDRESS: the status is 0 where it is as it should be.
"""

import asyncio
import sys

import grpc
import httpx
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

_, check, protocol, address = sys.argv


def request(model="conformance-sum", binary=True, outputs=None):
    inputs = []
    for name, values in (("a", [[1, 2], [3, 4]]), ("b", [[10, 20], [30, 40]])):
        one = InferInput(name, [2, 2], "FP32")
        one.set_data_from_numpy(np.array(values, np.float32), binary_data=binary)
        inputs.append(one)
    return InferRequest(model, inputs, request_id="42", request_outputs=outputs)


class Rest:
    def __init__(self):
        self.client = InferenceRESTClient(RESTConfig(protocol="v2"))

    async def infer(self, asked):
        return await self.client.infer(address, asked, model_name=asked.model_name)

    async def is_server_live(self):
        return await self.client.is_server_live(address)

    async def is_server_ready(self):
        return await self.client.is_server_ready(address)

    async def is_model_ready(self, name):
        return await self.client.is_model_ready(address, name)

    async def close(self):
        await self.client.close()


def open_client():
    return Rest() if protocol == "rest" else InferenceGRPCClient(address)


def output(result, name, expected):
    seen = result.get_output_by_name(name)
    assert seen is not None, f"the output {name} is missing"
    np.testing.assert_array_equal(seen.as_numpy(), np.array(expected, np.float32))


async def health(client):
    assert await client.is_server_live() and await client.is_server_ready()
    assert await client.is_model_ready("conformance-sum")


async def json(client):
    result = await client.infer(request(binary=False))
    assert (result.id, result.model_name) == ("42", "conformance-sum"), result
    output(result, "sum", [[11, 22], [33, 44]])
    output(result, "difference", [[-9, -18], [-27, -36]])


async def binary(client):
    outputs = [RequestedOutput(name, {"binary_data": True}) for name in ("sum", "difference")]
    result = await client.infer(request(outputs=outputs if protocol == "rest" else None))
    output(result, "sum", [[11, 22], [33, 44]])
    output(result, "difference", [[-9, -18], [-27, -36]])


async def texts(client):
    for binary_data in (True, False):
        x = InferInput("x", [1, 4], "BYTES")
        x.set_data_from_numpy(np.array([["plain", "", "ünïcode ✓", '"quoted"']], np.object_), binary_data=binary_data)
        result = await client.infer(InferRequest("conformance-bytes", [x]))
        seen = [one.decode() if isinstance(one, bytes) else one for one in result.outputs[0].as_numpy().flat]
        assert seen == ["plain", "", "ünïcode ✓", '"quoted"'], seen


async def errors(client):
    for model, status, code in (
        ("no-such-model", 404, grpc.StatusCode.NOT_FOUND),
        ("conformance-fp32", 400, grpc.StatusCode.INVALID_ARGUMENT),
    ):
        try:
            await client.infer(request(model))
        except httpx.HTTPStatusError as error:
            assert error.response.status_code == status, error
            # The client puts what "error" says before the status.
            assert not str(error).startswith(","), error
        except grpc.RpcError as error:
            assert error.code() == code and error.details(), error
        else:
            raise AssertionError(f"{model} answers")
    await json(client)


async def run():
    client = open_client()
    try:
        await globals()[check](client)
    finally:
        await client.close()


asyncio.run(run())
