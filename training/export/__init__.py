"""Export a run's weights to a pack: folding, quantisation, the ONNX file and its checks."""
