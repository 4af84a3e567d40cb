"""The conformance fixtures as runtimes of MLServer: what a model must refuse is refused by them, the rest is MLServer's own."""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class Fixture(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        declared = {one.name: one for one in self.inputs}
        given = {one.name: one for one in payload.inputs}
        if sorted(declared) != sorted(one.name for one in payload.inputs):
            raise InferenceError(f"the inputs are {sorted(declared)}")
        for name, one in given.items():
            shape = declared[name].shape
            fits = len(one.shape) == len(shape) and all(
                size >= 0 and wanted in (-1, size) for size, wanted in zip(one.shape, shape)
            )
            if not fits or one.datatype != declared[name].datatype or self.count(one) != np.prod(one.shape):
                raise InferenceError(f'the input "{name}" is {declared[name].datatype} of the shape {shape}')
        outputs = self.answer(given)
        wanted = [one.name for one in payload.outputs or []] or [one.name for one in outputs]
        named = {one.name: one for one in outputs}
        if not set(wanted) <= set(named):
            raise InferenceError(f"the outputs are {sorted(named)}")
        return InferenceResponse(model_name=self.name, outputs=[named[name] for name in wanted])

    @staticmethod
    def count(one):
        return np.size(np.array(one.data.root, dtype=object))


class Identity(Fixture):
    def answer(self, given):
        x = given["x"]
        return [ResponseOutput(name="y", shape=x.shape, datatype=x.datatype, data=x.data)]


class Sum(Fixture):
    def answer(self, given):
        a, b = NumpyCodec.decode_input(given["a"]), NumpyCodec.decode_input(given["b"])
        return [NumpyCodec.encode_output("sum", a + b), NumpyCodec.encode_output("difference", a - b)]
