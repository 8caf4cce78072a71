"""Every local model family in the arena: its architecture and its trained prompt format."""

from __future__ import annotations

from dataclasses import dataclass

from .tiny_weights import (
    BLOOM,
    FALCON,
    GEMMA3,
    GPT2,
    GPTJ,
    GPTNEO,
    GPTNEOX,
    LLAMA,
    LLAMA_BYTES,
    MIXTURE,
    MPT,
    OPT,
    PHI2,
    QWEN2,
    Architecture,
)

# Jinja strips one newline from the end of a template, so the last one is written as a string.
COMPLETION = "{{ messages[-1].content }}"
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant{{ '\n' }}"
)
INSTRUCTION = "### Instruction:\n{{ messages[-1].content }}\n\n### Response:{{ '\n' }}"
ALPACA = (
    "Below is an instruction that describes a task. Write a response that appropriately "
    "completes the request.\n\n" + INSTRUCTION
)
VICUNA = (
    "{% for m in messages %}{% if m.role == 'user' %}USER: {{ m.content }} ASSISTANT:"
    "{% else %} {{ m.content }}</s>{% endif %}{% endfor %}"
)
KOALA = (
    "BEGINNING OF CONVERSATION: {% for m in messages %}{% if m.role == 'user' %}"
    "USER: {{ m.content }} GPT:{% else %}{{ m.content }}</s>{% endif %}{% endfor %}"
)
LLAMA2 = (
    "{% for m in messages %}{% if m.role == 'user' %}{{ bos_token }}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }} {{ eos_token }}{% endif %}{% endfor %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
LLAMA3 = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content }}<|eot_id|>{% endfor %}<|start_header_id|>assistant<|end_header_id|>{{ '\n\n' }}"
)
FALCON_CHAT = (
    "{% for m in messages %}{{ 'User' if m.role == 'user' else 'Assistant' }}: {{ m.content }}\n\n"
    "{% endfor %}Assistant:"
)
GEMMA = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>"
    "{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content }}<end_of_turn>\n"
    "{% endfor %}<start_of_turn>model{{ '\n' }}"
)
PHI = "{% for m in messages %}Instruct: {{ m.content }}\n{% endfor %}Output:"
XGEN = "{% for m in messages %}### Human: {{ m.content }}\n{% endfor %}### Assistant:"


@dataclass(frozen=True)
class Family:
    name: str
    architecture: Architecture
    prompt_format: str
    cue: str  # the end of a prompt, from which the model continues
    stop: tuple[str, ...] = ()


QUESTION = "Name three colours."

FAMILIES = (
    Family("LLaMA", LLAMA, COMPLETION, QUESTION),
    Family("Llama 2", LLAMA, LLAMA2, "[/INST]"),
    Family("Llama 3", LLAMA_BYTES, LLAMA3, "assistant<|end_header_id|>\n\n", ("<|eot_id|>",)),
    Family("Mistral 7B", LLAMA, MISTRAL, "[/INST]"),
    Family("Mixtral 8x7B", MIXTURE, MISTRAL, "[/INST]"),
    Family("Falcon", FALCON, FALCON_CHAT, "Assistant:", ("\nUser",)),
    Family("BLOOM", BLOOM, COMPLETION, QUESTION),
    Family("MPT", MPT, CHATML, "assistant\n", ("<|im_end|>",)),
    Family("Cerebras-GPT", GPT2, COMPLETION, QUESTION),
    Family("Pythia", GPTNEOX, COMPLETION, QUESTION),
    Family("X-Gen", LLAMA_BYTES, XGEN, "### Assistant:", ("###",)),
    Family("OpenLLaMA", LLAMA, COMPLETION, QUESTION),
    Family("Alpaca", LLAMA, ALPACA, "### Response:\n", ("### Instruction",)),
    Family("Vicuna", LLAMA, VICUNA, "ASSISTANT:", ("USER:",)),
    Family("Koala", LLAMA, KOALA, "GPT:", ("USER:",)),
    Family("Dolly v2", GPTNEOX, ALPACA, "### Response:\n", ("### End",)),
    Family("Orca 2", LLAMA, CHATML, "assistant\n", ("<|im_end|>",)),
    Family("Phi-2", PHI2, PHI, "Output:", ("Instruct:",)),
    Family("GPT-NeoX-20B", GPTNEOX, COMPLETION, QUESTION),
    Family("SmolLM2", LLAMA_BYTES, CHATML, "assistant\n", ("<|im_end|>",)),
    Family("Gemma 3", GEMMA3, GEMMA, "model\n", ("<end_of_turn>",)),
    Family("Qwen 2.5", QWEN2, CHATML, "assistant\n", ("<|im_end|>",)),
)

# llama.cpp cannot run these; they are entered through an endpoint.
ENDPOINT_ONLY = (
    Family("OPT", OPT, COMPLETION, QUESTION),
    Family("GPT-J", GPTJ, COMPLETION, QUESTION),
    Family("GPT-Neo", GPTNEO, COMPLETION, QUESTION),
)
