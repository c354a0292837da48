"""What stands beside an exported file for NVIDIA's tools: a TensorRT build command and a DeepStream tracker file.

Both are written from the documentation of these tools. No device was at hand to run them.
"""

from pathlib import Path

from haresreid.apis.onnx_backend import OnnxBackend
from haresreid.files.files import written_whole

__all__ = ['write_edge_files']

MAX_BATCH = 100  # crops of one frame, as DeepStream's own tracker files have it

BUILD = """\
#!/bin/sh
# Builds an engine of {name}.onnx. Run it on the device itself: an engine belongs to its GPU and its TensorRT.
# Untested: no such device was at hand when this file was written.
cd "$(dirname "$0")" || exit
exec trtexec --onnx={name}.onnx --saveEngine={name}.engine --fp16 \\
  --minShapes=images:1x{dims} --optShapes=images:16x{dims} --maxShapes=images:{batch}x{dims}
"""
TRACKER = """\
%YAML:1.0
# Put this section in the place of ReID in DeepStream's config_tracker_NvDCF_accuracy.yml, and the paths below in order.
# Untested: no such device was at hand when this file was written.
ReID:
  reidType: 2  # join tracks again by their features
  batchSize: {batch}
  workspaceSize: 1000
  reidFeatureSize: {width}
  reidHistorySize: 100
  inferDims: [{channels}]
  networkMode: 1  # fp16
  inputOrder: 0  # NCHW
  colorFormat: 0  # RGB
  offsets: [0, 0, 0]  # the graph normalises
  netScaleFactor: 1.0
  keepAspc: 0  # the model was trained on crops that were stretched to its size
  addFeatureNormalization: 0  # the features have unit length
  outputReidTensor: 1  # so that the features leave the tracker
  onnxFile: "{name}.onnx"
  modelEngineFile: "{name}.engine"
"""


def write_edge_files(source: str | Path) -> list[Path]:
    """Write ``NAME.trtexec.sh`` and ``NAME.deepstream.yml`` beside an exported file.

    Args:
        source (str | Path): ``NAME.onnx``, of one modality or of a model that needs none, in the layout 'nchw'.

    Returns:
        list[Path]: The files.

    Raises:
        ValueError: If the file has another layout or a second input.
    """
    source, backend = Path(source), OnnxBackend(source)
    if backend.layout != 'nchw' or backend.inputs != ['images']:
        raise ValueError(
            f'{source} takes {" and ".join(backend.inputs)} in the layout {backend.layout}; these tools want one image '
            'tensor: export it with --layout nchw, and with --modality if it has two inputs.'
        )
    height, width = backend.image_size
    values = dict(
        name=source.stem,
        dims=f'3x{height}x{width}',
        channels=f'3, {height}, {width}',
        batch=MAX_BATCH,
        width=backend.feature_dim,
    )
    files = [source.with_suffix('.trtexec.sh'), source.with_suffix('.deepstream.yml')]
    for file, text in zip(files, (BUILD, TRACKER)):
        with written_whole(file) as part:
            part.write_text(text.format(**values), encoding='utf-8')
    files[0].chmod(0o755)
    return files
