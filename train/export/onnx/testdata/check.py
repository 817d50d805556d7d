# Checks ONNX files, types and shapes included: check.py FILE...
import sys

import onnx

for path in sys.argv[1:]:
    onnx.checker.check_model(path, full_check=True)
