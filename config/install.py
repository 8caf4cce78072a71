"""Make an environment and install a requirements file: `python3 config/install.py FILE STAMP`.

Standard library only: it runs before anything is installed. It compiles llama.cpp at most once on
a machine (pip keeps the wheel), only the library, and says beforehand how long that takes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
QUIET = ["--disable-pip-version-check", "--no-input"]
# The first that finds a compiled wheel in its cache by the hash of its source in a lock file.
PIP = "pip>=23.1"
# Only what gets installed: no multimodal part, no tools.
BUILD = {"CMAKE_ARGS": "-DLLAVA_BUILD=OFF", "SKBUILD_BUILD_TARGETS": "llama;llama-common"}
CPUINFO = Path("/proc/cpuinfo")
# Virtual machines may report AMX but not preserve its tile registers: llama.cpp then crashes with
# SIGILL or takes seconds per token. AVX-512, which it uses instead, is nearly as fast.
NO_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
# Its line of a lock file, with the hash of the source: what is compiled runs here first.
LLAMA = r"^llama-cpp-python==([\w.]+)(?: \\\n +--hash=\S+)+"
APT = "apt-get install -y chromium"
# Programs that tests run, by the package of Debian that has them.
PROGRAMS = {"nginx": "nginx", "caddy": "caddy", "promtool": "prometheus"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("requirements", type=Path)
    parser.add_argument("stamp", type=Path)
    parser.add_argument(
        "--for-tests",
        action="store_true",
        help="also programs of Debian, such as Chromium",
    )
    parser.add_argument("--venv", type=Path, default=VENV, help="the environment; default .venv")
    parser.add_argument("--says", default="", help="what to say about its size and duration")
    options = parser.parse_args()
    check_python()
    make_venv(options.venv)
    if options.venv == VENV:
        build_llama()
    install(options.venv, options.requirements, options.says)
    if options.for_tests:
        install_chromium()
        unpack_programs(options.venv / "debian")
    options.stamp.touch()


def check_python() -> None:
    if sys.version_info < (3, 11):
        fail(
            f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}. "
            "Choose another with: make up PYTHON=python3.11"
        )


def make_venv(folder: Path) -> None:
    python = str(folder / "bin" / "python")
    if not Path(python).exists():
        create_venv(folder)
    if subprocess.run([python, "-m", "pip", "install", "-qq", *QUIET, PIP]).returncode:
        fail(f"{PIP} could not be installed. pip's message above says why.")


def create_venv(folder: Path) -> None:
    say(f"Creating the virtual environment in {os.path.relpath(folder)}")
    if subprocess.run([sys.executable, "-m", "venv", str(folder)]).returncode:
        fail("The virtual environment could not be made. On Debian: apt-get install python3-venv")


def build_llama() -> None:
    """Compile llama-cpp-python, unless it is installed or pip's cache holds its wheel."""
    text = (ROOT / "requirements.lock").read_text()
    requirement = re.search(LLAMA, text, re.MULTILINE)
    if requirement is None or is_installed(requirement[1]) or is_cached(requirement[1]):
        return
    compiler = os.environ.get("CXX", "c++")
    if not any(shutil.which(name) for name in (compiler, "g++", "clang++")):
        fail(
            "llama.cpp has to be compiled, and there is no C++ compiler. "
            "On Debian or Ubuntu: apt-get install build-essential. On macOS: xcode-select --install"
        )
    say("Compiling llama.cpp: once on this machine, 3 to 8 minutes on two cores")
    compile_with_progress(requirement[0])


def build_settings() -> dict[str, str]:
    """The environment variables of llama.cpp's build, for this machine's processor."""
    has_amx = CPUINFO.exists() and " amx_tile" in CPUINFO.read_text()
    if not has_amx:
        return BUILD
    flags = f" '-DCMAKE_C_FLAGS={NO_AMX}' '-DCMAKE_CXX_FLAGS={NO_AMX}'"
    return BUILD | {"CMAKE_ARGS": BUILD["CMAKE_ARGS"] + flags}


def is_installed(version: str) -> bool:
    ask = "import importlib.metadata as m; print(m.version('llama-cpp-python'))"
    done = subprocess.run([str(PYTHON), "-c", ask], capture_output=True, text=True)
    return done.stdout.strip() == version


def is_cached(version: str) -> bool:
    command = [str(PYTHON), "-m", "pip", "cache", "list", "llama_cpp_python"]
    done = subprocess.run(command, capture_output=True, text=True)
    return f"llama_cpp_python-{version}-" in done.stdout


def compile_with_progress(requirement: str) -> None:
    """Run `pip wheel`, which also fills pip's cache, and show the compiler's progress."""
    scratch = VENV / "built"
    hashed = VENV / "llama.lock"
    hashed.write_text(requirement)
    command = [str(PYTHON), "-m", "pip", "wheel", "-v", *QUIET, "--no-deps", "-w", str(scratch)]
    lines: list[str] = []
    begin = time.monotonic()
    with subprocess.Popen(
        [*command, "-r", str(hashed)], env={**os.environ, **build_settings()}, text=True,
        errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as pip:  # fmt: skip
        for line in pip.stdout or ():
            lines.append(line.rstrip())
            if step := re.match(r"\s*\[(\d+)/(\d+)\]", line):
                show_bar(int(step[1]), int(step[2]), time.monotonic() - begin)
    print(flush=True)
    if pip.returncode:
        reason = [line for line in lines if "error" in line.lower()][-3:] or lines[-3:]
        fail("llama.cpp could not be compiled:\n  " + "\n  ".join(reason))


def show_bar(done: int, of: int, seconds: float) -> None:
    bar = "█" * (30 * done // of)
    line = f"  {bar:<30} {done}/{of} files, {seconds:.0f} s"
    if sys.stdout.isatty():
        print(f"\r{line}", end="", flush=True)
    elif done % 20 == 0 or done == of:
        print(line, flush=True)


def install(venv: Path, requirements: Path, says: str) -> None:
    say(f"Installing {requirements.name}" + f": {says}" * bool(says))
    python = str(venv / "bin" / "python")
    command = [python, "-m", "pip", "install", "-qq", *QUIET, "-r", str(requirements)]
    if requirements.suffix == ".lock":
        command.append("--require-hashes")
    # With the same build settings, in case pip's cache is disabled and this compiles again.
    if subprocess.run(command, env={**os.environ, **build_settings()}).returncode:
        fail(f"{requirements.name} could not be installed. pip's message above says why.")


def install_chromium() -> None:
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if os.getuid() != 0 or not shutil.which("apt-get"):
        say(f"No Chromium here: the browser tests will fail until you run: sudo {APT}")
        return
    say("Installing Debian's chromium for the browser tests")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update -qq", f"{APT} -qq"):
        subprocess.run(command.split(), env=quiet, stdout=subprocess.DEVNULL)


def unpack_programs(folder: Path) -> None:
    """Not installed, as Debian would start their services."""
    there = os.pathsep.join([os.environ["PATH"], *map(str, folder.glob("usr/*bin"))])
    wanted = [of for name, of in PROGRAMS.items() if not shutil.which(name, path=there)]
    if not wanted:
        return
    names = " and ".join(wanted)
    if not shutil.which("apt-get"):
        say(f"No {names} here: the tests that need them will fail until you install them")
        return
    say(f"Unpacking Debian's {names} for tests")
    folder.mkdir(exist_ok=True)
    if not all(quietly(["apt-get", "download", name], folder) for name in wanted):
        quietly(["apt-get", "update"], folder)
        for name in wanted:
            quietly(["apt-get", "download", name], folder)
    for package in folder.glob("*.deb"):
        quietly(["dpkg-deb", "-x", package.name, "."], folder)
        package.unlink()


def quietly(command: list[str], folder: Path) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return not subprocess.run(command, cwd=folder, env=quiet, capture_output=True).returncode


def say(what: str) -> None:
    print(f"· {what}", flush=True)


def fail(sentence: str) -> None:
    sys.exit(f"✗ {sentence}")


if __name__ == "__main__":
    main()
