"""The conformance fixtures on KServe's own model server: what a model must refuse is refused by them, the rest is KServe's own.

kserve_server.py --http_port PORT --grpc_port PORT, with the name, the inputs and the outputs of each fixture as a line of JSON on standard
input. It ends when that does.
"""

import json
import os
import sys
import threading

import grpc.aio
import uvicorn
from kserve import InferInput, InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.errors import InvalidInput
from kserve.utils.utils import generate_uuid


class Fixture(Model):
    def __init__(self, name, inputs, outputs):
        super().__init__(name)
        self.inputs, self.outputs = inputs, outputs
        self.load()

    def get_input_types(self):
        return self.inputs

    def get_output_types(self):
        return self.outputs

    async def predict(self, payload: InferRequest, headers=None, response_headers=None) -> InferResponse:
        names = [one["name"] for one in self.inputs]
        if sorted(names) != sorted(one.name for one in payload.inputs):
            raise InvalidInput(f"the inputs are {names}")
        given = {one["name"]: array(payload.get_input_by_name(one["name"]), one) for one in self.inputs}
        outputs = []
        for one, answer in zip(self.outputs, answers(given), strict=True):
            output = InferOutput(one["name"], list(answer.shape), one["datatype"])
            output.set_data_from_numpy(answer, binary_data=payload.use_binary_outputs)
            outputs.append(output)
        # As KServe's get_predict_response makes it for a model with one output.
        return InferResponse(
            model_name=self.name,
            infer_outputs=outputs,
            response_id=payload.id or generate_uuid(),
            use_binary_outputs=payload.use_binary_outputs,
            requested_outputs=payload.request_outputs,
        )


def array(given: InferInput, declared):
    shape = declared["shape"]
    fits = len(given.shape) == len(shape) and all(
        size >= 0 and wanted in (-1, size) for size, wanted in zip(given.shape, shape, strict=True)
    )
    refusal = f'the input "{given.name}" is {declared["datatype"]} of the shape {shape}'
    if not fits or given.datatype != declared["datatype"]:
        raise InvalidInput(refusal)
    try:
        return given.as_numpy()
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidInput(f"{refusal}: {error}") from error


def answers(given):
    if "x" in given:
        return [given["x"]]
    return [given["a"] + given["b"], given["a"] - given["b"]]


def listen_on_loopback_alone():
    """KServe listens on every address, and has no setting for that."""

    class Config(uvicorn.Config):
        def __init__(self, *given, host, **more):
            super().__init__(*given, host="127.0.0.1", **more)

    make = grpc.aio.server

    def server(*given, **more):
        made = make(*given, **more)
        listen = made.add_insecure_port
        made.add_insecure_port = lambda address: listen(address.replace("[::]", "127.0.0.1"))
        return made

    uvicorn.Config = Config
    grpc.aio.server = server


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


listen_on_loopback_alone()
fixtures = [Fixture(**one) for one in json.loads(sys.stdin.readline())]
threading.Thread(target=end_with_standard_input, daemon=True).start()
ModelServer().start(fixtures)
