"""Which of a machine's processors an engine uses, and how."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import llama_cpp

from evenhand.machine import usable_cores

from ..contract.errors import EngineError
from . import library

ALL = -1  # layers
SPLITS = {
    "layer": llama_cpp.LLAMA_SPLIT_MODE_LAYER,
    "row": llama_cpp.LLAMA_SPLIT_MODE_ROW,
    "none": llama_cpp.LLAMA_SPLIT_MODE_NONE,
}
FLASH_ATTENTION = {
    "auto": llama_cpp.LLAMA_FLASH_ATTN_TYPE_AUTO,
    "on": llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    "off": llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
# Each with the bytes of a number: quantised ones have a scale for 32 numbers, or two.
CACHE_TYPES = {
    "f32": (llama_cpp.GGML_TYPE_F32, 4.0),
    "f16": (llama_cpp.GGML_TYPE_F16, 2.0),
    "q8_0": (llama_cpp.GGML_TYPE_Q8_0, 34 / 32),
    "q5_1": (llama_cpp.GGML_TYPE_Q5_1, 24 / 32),
    "q5_0": (llama_cpp.GGML_TYPE_Q5_0, 22 / 32),
    "q4_1": (llama_cpp.GGML_TYPE_Q4_1, 20 / 32),
    "q4_0": (llama_cpp.GGML_TYPE_Q4_0, 18 / 32),
}
WHOLE = ("f32", "f16")  # cache types that need no flash attention

NO_BUILD = (
    "This llama.cpp was built without a GPU. Install llama-cpp-python for yours (docs/inference.md "
    "says how), or omit {}."
)
NO_GPU = "llama.cpp finds no GPU here: its driver is missing, or hides it. Mend that, or omit {}."


@dataclass(frozen=True)
class Hardware:
    """The processors for an engine. By default all layers are on GPUs, where there are any.

    `gpu_layers` counts from the last. `split` says how several GPUs share them: whole layers, the
    rows of each matrix, or `none`: all on the GPU numbered `gpu`. `shares` are the GPUs' parts, in
    proportion; empty: by their free memory. `cache_type` is that of keys and values.
    """

    threads: int | None = None  # that decode; None: one per core
    gpu_layers: int = ALL
    split: str = "layer"
    gpu: int = 0
    shares: tuple[float, ...] = ()
    flash_attention: str = "auto"
    cache_type: str = "f16"

    def check(self) -> None:
        """Raises EngineError, permanent, if this build or machine cannot do it."""
        present = gpus()
        if asked := self._asks_for_gpu():
            if not llama_cpp.llama_supports_gpu_offload():
                raise EngineError(NO_BUILD.format(asked), permanent=True)
            if not present:
                raise EngineError(NO_GPU.format(asked), permanent=True)
            most = max(self.gpu + 1, len(self.shares))
            if most > len(present):
                raise EngineError(
                    f"{asked} needs {most} GPUs; there are {len(present)}: {', '.join(present)}.",
                    permanent=True,
                )
        if self.flash_attention == "off" and self.cache_type not in WHOLE:
            raise EngineError(
                f"A cache in {self.cache_type} needs flash attention: leave out --flash-attention "
                "off, or use --cache-type f16.",
                permanent=True,
            )

    def _asks_for_gpu(self) -> str:
        """The option that needs a GPU; "" if none does."""
        asked = {
            "--gpu-layers": self.gpu_layers > 0,
            "--gpu": self.gpu > 0,
            "--gpu-shares": bool(self.shares),
            "--gpu-split": self.split != "layer",
        }
        return next((option for option, is_asked in asked.items() if is_asked), "")

    def load_with(self, params: Any) -> object:
        """Set what loads the model. Returns what has to live until it is loaded."""
        params.n_gpu_layers = self.gpu_layers
        params.split_mode = SPLITS[self.split]
        params.main_gpu = self.gpu
        if not self.shares:
            return None
        shares = (ctypes.c_float * llama_cpp.llama_max_devices())(*self.shares)
        params.tensor_split = shares
        return shares

    def decode_with(self, params: Any) -> None:
        """Set what decodes."""
        params.n_threads = params.n_threads_batch = self.threads or usable_cores()
        params.flash_attn_type = FLASH_ATTENTION[self.flash_attention]
        params.type_k = params.type_v = CACHE_TYPES[self.cache_type][0]

    def of_cache(self, bytes_as_f16: int) -> int:
        """The size of a cache that takes so many bytes in f16."""
        return int(bytes_as_f16 * CACHE_TYPES[self.cache_type][1] / CACHE_TYPES["f16"][1])

    def __str__(self) -> str:
        """For people: "CPU, 2 threads", or the GPUs and what is unlike the defaults."""
        used = gpus() if self.gpu_layers else []
        if self.split == "none":
            used = used[self.gpu : self.gpu + 1]
        layers = f"{self.gpu_layers} layers" if used and self.gpu_layers > 0 else ""
        number = self.threads or usable_cores()
        threads = f"{number} thread{'s' if number > 1 else ''}"
        told = [*used, layers] if used and not layers else [*(used or ["CPU"]), layers, threads]
        if self.flash_attention != "auto":
            told.append(f"flash attention {self.flash_attention}")
        if self.cache_type != "f16":
            told.append(f"cache {self.cache_type}")
        return ", ".join(filter(None, told))


USUAL = Hardware()


def gpus() -> list[str]:
    """The names of the GPUs that llama.cpp can use, in the order of their numbers."""
    library.start()
    return [name for kind, name in library.devices() if kind in library.GPUS]
