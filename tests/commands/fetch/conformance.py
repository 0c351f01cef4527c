"""Does one thing with huggingface_hub, as its users do, and prints what came of it as JSON.

download FILE [REVISION]  downloads a file of the dataset
find FILE                 what the library knows of a file in its cache, without a network
verify                    the library's comparison of its cache with the Hub
settings                  what the library makes of the environment
share FILE                moves the blob of a file into the store that repositories share
"""

import json
import os
import sys

import huggingface_hub
from huggingface_hub import constants
from huggingface_hub.utils import build_hf_headers

DATASET = {"repo_id": "cfahlgren1/hub-stats", "repo_type": "dataset"}


def download(file, revision=None):
    return huggingface_hub.hf_hub_download(filename=file, revision=revision, **DATASET)


def find(file):
    local = huggingface_hub.hf_hub_download(filename=file, local_files_only=True, **DATASET)
    scanned = huggingface_hub.scan_cache_dir()
    [repository] = scanned.repos
    return {
        "local": local,
        "cached": huggingface_hub.try_to_load_from_cache(filename=file, **DATASET),
        "warnings": [str(warning) for warning in scanned.warnings],
        "refs": {ref: revision.commit_hash for ref, revision in repository.refs.items()},
        "bytes": repository.size_on_disk,
    }


def verify():
    found = huggingface_hub.HfApi().verify_repo_checksums(**DATASET)
    return {
        "checked": found.checked_count,
        "wrong": [*found.mismatches, *found.missing_paths, *found.extra_paths],
    }


def settings():
    return {
        "cache": constants.HF_HUB_CACHE,
        "offline": constants.HF_HUB_OFFLINE,
        "authorization": build_hf_headers().get("authorization"),
    }


def share(file):
    try:
        from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store
    except ImportError:
        return False
    path = huggingface_hub.try_to_load_from_cache(filename=file, **DATASET)
    blob = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    return publish_blob_to_shared_store(
        blob_path=blob,
        xet_hash="c0" * 32,
        cache_dir=constants.HF_HUB_CACHE,
        expected_size=os.path.getsize(path),
    )


print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
