"""Run by the peers' own Python: the hub's own client asks a hub for a model and a file, and prints
what it gets as JSON; for an error, its name.

    HF_ENDPOINT=… .venv/peers/bin/python tests/peers/use_hub.py REPOSITORY FILE FOLDER
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

hub: Any = import_module("huggingface_hub")
errors: Any = import_module("huggingface_hub.errors")


def use(repository: str, name: str, folder: str) -> dict[str, Any]:
    model = hub.HfApi().model_info(repository, files_metadata=True)
    listed = {file.rfilename: file for file in model.siblings}[name]
    file = hub.hf_hub_download(repository, name, local_dir=folder)
    return {
        "revision": model.sha,
        "licence": model.card_data.license,
        "gated": model.gated,
        "bytes": listed.size,
        "sha256": listed.lfs.sha256,
        "received": sha256(Path(file).read_bytes()).hexdigest(),
    }


if __name__ == "__main__":
    try:
        print(json.dumps(use(*sys.argv[1:])))
    except errors.HfHubHTTPError as error:
        print(json.dumps({"error": type(error).__name__, "status": error.response.status_code}))
