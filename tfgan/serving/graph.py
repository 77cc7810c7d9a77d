"""The graph of a SavedModel: which operations it may hold, and fences that keep its bits."""

from collections.abc import Iterator

from tensorflow.core.framework.attr_value_pb2 import AttrValue
from tensorflow.core.framework.function_pb2 import FunctionDef
from tensorflow.core.framework.node_def_pb2 import NodeDef
from tensorflow.core.framework.tensor_shape_pb2 import TensorShapeProto
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef

from tfgan.core.checks import InputError

SERVED = {
    # Variables are read, never written; functions and loops; lists that carry a loop's rows.
    *("Placeholder", "Const", "NoOp", "Identity", "VarHandleOp", "ReadVariableOp"),
    *("PartitionedCall", "StatefulPartitionedCall", "StatelessWhile", "While"),
    *("TensorListFromTensor", "TensorListGetItem", "TensorListReserve", "TensorListSetItem"),
    "TensorListStack",
    # Shapes.
    *("Cast", "EnsureShape", "Pack", "Pad", "Range", "Reshape", "Shape", "StridedSlice"),
    *("BroadcastTo", "ConcatV2", "ExpandDims", "Fill", "GatherNd", "GatherV2", "MirrorPad"),
    *("OneHot", "OnesLike", "PadV2", "Rank", "ReverseV2", "Size", "Slice", "Split", "SplitV"),
    *("Squeeze", "Tile", "Transpose", "Unpack", "ZerosLike", "DepthToSpace", "SpaceToDepth"),
    # A request is refused: it reads, and raises.
    "Assert",
    # Arithmetic.
    *("AddV2", "Sub", "Mul", "Minimum", "Maximum", "Round", "Less", "LogicalAnd", "All"),
    *("IsFinite", "Select", "SelectV2"),
    *("Abs", "AddN", "ClipByValue", "Cos", "DivNoNan", "Erf", "Erfc", "Exp", "Expm1", "Floor"),
    *("FloorDiv", "FloorMod", "Log", "Log1p", "Neg", "Pow", "RealDiv", "Reciprocal", "Rsqrt"),
    *("Sign", "Sin", "Sqrt", "Square", "SquaredDifference", "Any", "Equal", "Greater"),
    *("GreaterEqual", "LessEqual", "LogicalNot", "LogicalOr", "NotEqual"),
    *("ArgMax", "Cumsum", "L2Loss", "Max", "Mean", "Min", "Prod", "Sum"),
    # Networks: what a user's own may need beside ours.
    *("MatMul", "BiasAdd", "Conv2D", "Conv2DBackpropInput", "FusedBatchNormV3"),
    *("Relu", "LeakyRelu", "Tanh", "Sigmoid"),
    *("StopGradient", "IdentityN", "ResourceGather", "Ceil", "If", "StatelessIf", "TopKV2"),
    *("SpaceToBatchND", "BatchToSpaceND", "ResizeBicubic", "ResizeArea", "ScaleAndTranslate"),
    *("Acos", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "Cosh", "Sinh", "Tan", "Rint", "Roll"),
    *("ExtractImagePatches", "MatrixDiagV3", "MatrixDiagPartV3", "TensorScatterUpdate"),
    *("SegmentSum", "UnsortedSegmentSum"),
    *("ArgMin", "Cumprod", "LRN", "MatrixBandPart", "MaxPool3D", "AvgPool3D", "ScatterNd"),
    *("BatchMatMulV2", "BatchMatMulV3", "Conv3D", "Conv3DBackpropInputV2"),
    *("DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "Einsum"),
    *("AvgPool", "MaxPool", "ResizeBilinear", "ResizeNearestNeighbor"),
    *("Elu", "LogSoftmax", "Relu6", "Selu", "Softmax", "Softplus", "Softsign"),
    # Latents from a request's seed and nothing else; pictures.
    *("StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessRandomUniformIntV2"),
    "EncodePng",
}
"""Operations that a signature may reach: none writes state, touches a file or calls Python."""

RESTORING = SERVED | {
    *("AssignVariableOp", "DisableCopyOnRead", "MergeV2Checkpoints", "RestoreV2", "SaveV2"),
    *("ShardedFilename", "StaticRegexFullMatch", "StringJoin"),
}
"""Operations that only the loader may reach, for the variables in the SavedModel itself."""

CONTRACTIONS = {
    "MatMul": ("product", 2),
    "Conv2D": ("output", 4),
    "Conv2DBackpropInput": ("output", 4),
    "Conv3D": ("output", 5),
    "DepthwiseConv2dNative": ("output", 4),
}
"""Operations that a graph rewriter fuses with what follows: name and rank of their outputs."""


UNTOUCHED = ("_noinline", "_tf_data_function")
"""Marks of a function that the graph rewriter leaves as it is."""


def check(graph: MetaGraphDef) -> None:
    """Checks every operation that the signatures reach, and every other one in the graph.

    Raises:
      InputError: some are not on the lists; the message names them and where they are.
    """
    roots = [
        tensor.name.partition(":")[0]
        for signature in graph.signature_def.values()
        for tensor in (*signature.inputs.values(), *signature.outputs.values())
    ]
    served = {(where, node.name) for where, node in _reached(graph, roots)}
    found = {
        f"{node.op} ({where or 'main graph'})"
        for where, node in _all(graph)
        if node.op not in (SERVED if (where, node.name) in served else RESTORING)
    }
    if found:
        raise InputError(
            f"the graph holds what may not be served: {', '.join(sorted(found))}; see SERVED in "
            "tfgan/serving/graph.py."
        )


def _all(graph: MetaGraphDef) -> Iterator[tuple[str, NodeDef]]:
    """Yields (function's name or "", node) of every node."""
    yield from (("", node) for node in graph.graph_def.node)
    for function in graph.graph_def.library.function:
        yield from ((function.signature.name, node) for node in function.node_def)


def _reached(graph: MetaGraphDef, roots: list[str]) -> Iterator[tuple[str, NodeDef]]:
    """Yields those of `_all` that have a part in the nodes `roots` of the main graph."""
    nodes = {node.name: node for node in graph.graph_def.node}
    library = {function.signature.name: function for function in graph.graph_def.library.function}
    waiting, seen = [("", nodes[name]) for name in dict.fromkeys(roots)], set()
    while waiting:
        where, node = waiting.pop()
        if (where, node.name) in seen:
            continue
        seen.add((where, node.name))
        yield where, node
        if not where:  # a function is reached as a whole
            inputs = (name.removeprefix("^").partition(":")[0] for name in node.input)
            waiting += [("", nodes[name]) for name in inputs]
        for called in _called(node):
            waiting += [(called, inner) for inner in library[called].node_def]


def _called(node: NodeDef) -> Iterator[str]:
    """Yields the names of the functions that a node calls."""
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        yield from (function.name for function in value.list.func)


def fence(graph: MetaGraphDef) -> None:
    """Puts a fence after each contraction in the functions of a graph, in place.

    The trainer runs a graph as it is written; a server's session rewrites it first (Grappler). Its
    remapper fuses a matrix product or a convolution with the bias, batch normalisation or tanh
    after it into one kernel of oneDNN, which rounds differently. `EnsureShape` with no sizes to
    ensure passes its tensor on, and the remapper does not look past it.
    """
    called = {
        name
        for _, node in _all(graph)
        if node.op in ("PartitionedCall", "StatefulPartitionedCall")
        for name in _called(node)
    }
    for function in graph.graph_def.library.function:
        _fence_function(function)
        if function.signature.name in called:  # not the body of a loop, which is run otherwise then
            for mark in UNTOUCHED:
                function.attr[mark].b = True


def _fence_function(function: FunctionDef) -> None:
    after = {}  # the output of each contraction -> that of its fence
    fences = []
    for node in function.node_def:
        if node.op not in CONTRACTIONS:
            continue
        output_name, rank = CONTRACTIONS[node.op]
        output = f"{node.name}:{output_name}:0"
        made = NodeDef(name=f"{node.name}/fence", op="EnsureShape", input=[output])
        made.attr["T"].CopyFrom(node.attr["T"])
        any_size = TensorShapeProto(dim=[TensorShapeProto.Dim(size=-1)] * rank)
        made.attr["shape"].CopyFrom(AttrValue(shape=any_size))
        fences.append(made)
        after[output] = f"{made.name}:output:0"
    for node in function.node_def:
        node.input[:] = [after.get(name, name) for name in node.input]
    for name, value in function.ret.items():
        function.ret[name] = after.get(value, value)
    function.node_def.extend(fences)
