"""The kernels that the core finds are those for which the kernel of Linux lists the instructions."""

from pathlib import Path

import pytest

from tilewright import _core

CPUINFO = Path("/proc/cpuinfo")
NEEDED = {  # as Linux spells them; it lists what it saves the registers of
    "vnni": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni"},
    "avx-vnni": {"avx2", "avx_vnni"},
    "avx512": {"avx512f", "avx512bw", "avx512vl", "avx512dq"},
    "avx2": {"avx2"},
    "neon": {"asimddp"},
    "scalar": set(),
}


@pytest.mark.skipif(not CPUINFO.exists(), reason="no /proc/cpuinfo")
def test_the_processor_is_known() -> None:
    lines = CPUINFO.read_text().splitlines()
    found = [line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))]
    flags = set(found[0]) if found else set()
    assert [name for name in _core.backends() if name != "amx"] == [
        name for name, needed in NEEDED.items() if needed <= flags
    ]
    amx = {"amx_tile", "amx_int8", "avx512vbmi", *NEEDED["vnni"]}
    if "amx" in _core.backends() and not amx <= flags:
        assert "avx512vbmi" in flags  # the stand-in
