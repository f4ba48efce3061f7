"""HDF5, NWB and MATLAB files that reach for other files or more memory than there is: one sentence each, nothing is opened."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib

import h5py
import numpy as np
import pytest
from h5py import h5d, h5f, h5p, h5s, h5t
from scipy.io import savemat

from spikedash.readers import read

RATES = np.full((10, 3), 5.0)
TIMES = np.arange(0.0, 0.5, 0.05)
SECRET = "secret.h5"


@pytest.fixture
def folder(tmp_path):
    """A folder with a file of the server, which must stay closed."""
    with h5py.File(tmp_path / SECRET, "w") as file:
        file["rate_hz"] = RATES
    (tmp_path / "raw.bin").write_bytes(RATES.tobytes())
    return tmp_path


def hdf(folder, fill, name="x.h5"):
    with h5py.File(folder / name, "w") as file:
        file["time_s"] = TIMES
        fill(file)
    return folder / name


def external_link(file):
    file["rate_hz"] = h5py.ExternalLink(SECRET, "/rate_hz")


def external_link_in_a_group(file):
    file["deep/er/one"] = RATES
    file["deep/er/two"] = h5py.ExternalLink(os.path.join(os.path.dirname(file.filename), SECRET), "/")
    file["rate_hz"] = h5py.SoftLink("/deep/er/two/rate_hz")


def external_storage(file):
    file.create_dataset("rate_hz", (10, 3), "f8", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def virtual(file):
    layout = h5py.VirtualLayout((10, 3), "f8")
    layout[:] = h5py.VirtualSource(os.path.join(os.path.dirname(file.filename), SECRET), "rate_hz", (10, 3))
    file.create_virtual_dataset("rate_hz", layout)


def virtual_without_end(file):
    layout = h5py.VirtualLayout((10, 3), "f8", maxshape=(None, 3))
    source = h5py.VirtualSource(os.path.join(os.path.dirname(file.filename), SECRET), "rate_hz", (10, 3), maxshape=(None, 3))
    layout[: h5s.UNLIMITED, :] = source[: h5s.UNLIMITED, :]
    file.create_virtual_dataset("rate_hz", layout)


def huge(file):
    file.create_dataset("rate_hz", (10, 10**11), "f8", chunks=(10, 1000))


def huge_chunk(file):
    file.create_dataset("rate_hz", (10, 3), "f8", chunks=(2**16, 2**14), maxshape=(None, None))


def foreign_filter(file):
    made = h5p.create(h5p.DATASET_CREATE)
    made.set_chunk((10, 3))
    made.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    h5d.create(file.id, b"rate_hz", h5t.NATIVE_DOUBLE, h5s.create_simple((10, 3)), made)


def soft_link_in_a_circle(file):
    file["rate_hz"] = h5py.SoftLink("/other")
    file["other"] = h5py.SoftLink("/rate_hz")


def hard_link_in_a_circle(file):
    file["a/rate_hz"] = RATES.astype("S3")
    file["a/a"] = file["a"]
    file["rate_hz"] = np.array([b"five"])


def compound(file):
    file["rate_hz"] = np.zeros((10, 3), [("a", "f8"), ("b", "i4")])


def no_space(file):
    file["rate_hz"] = h5py.Empty("f8")


def many_objects(file):
    for k in range(300):
        file.create_group(f"g{k}")


HDF = {
    external_link: ("rate_hz is a link to another file, which is never followed",),
    external_link_in_a_group: ("deep/er/two is a link to another file",),
    external_storage: ("rate_hz keeps its data in another file, which is never opened",),
    virtual: ("rate_hz is a virtual dataset made of other files",),
    virtual_without_end: ("rate_hz is a virtual dataset made of other files",),
    huge: ("100,000,000,000 neurons, above the limit of 5,000",),
    huge_chunk: ("chunks above 128 MB",),
    foreign_filter: ("compressed by the foreign filter", "export it with gzip"),
    soft_link_in_a_circle: ("there is no array rate_hz",),
    hard_link_in_a_circle: ("rates must be plain real numbers",),
    compound: ("rates must be plain real numbers",),
    no_space: ("rates must be plain real numbers",),
    many_objects: ("more than 250 objects",),
}


@pytest.mark.parametrize("trap", HDF, ids=lambda trap: trap.__name__)
def test_an_hdf5_file_that_reaches_out_is_refused(trap, folder, refusal_here, monkeypatch):
    monkeypatch.setattr("spikedash.readers.hdf._MAX_OBJECTS", 250)
    message = refusal_here(hdf(folder, trap))
    assert all(word in message for word in HDF[trap]), message


@pytest.mark.parametrize("trap", [external_link, external_storage, virtual_without_end, huge], ids=lambda trap: trap.__name__)
def test_the_same_holds_for_nwb_and_matlab_in_the_child(trap, folder, refusal):
    message = refusal(hdf(folder, trap, "x.nwb"))
    assert any(word in message for word in (*HDF[trap], "no units table"))
    assert any(word in refusal(hdf(folder, trap, "x.mat")) for word in HDF[trap])


def test_nwb_columns_are_not_read_through_links(folder, refusal_here):
    with h5py.File(folder / "x.nwb", "w") as file:
        file["units/spike_times_index"] = np.array([10, 20])
        file["units/spike_times"] = h5py.ExternalLink(SECRET, "/rate_hz")
    assert "units/spike_times is a link to another file" in refusal_here(folder / "x.nwb")


def test_more_spikes_than_fit_are_refused_before_they_are_read(folder, refusal):
    with h5py.File(folder / "x.nwb", "w") as file:
        file["units/spike_times_index"] = np.array([10, 20])
        file.create_dataset("units/spike_times", (10**11,), "f8", chunks=(1000,))
    assert "there are 100,000,000,000 spikes, above the limit of 10,000,000" in refusal(folder / "x.nwb")


@pytest.mark.parametrize("name", ["x.h5", "x.nwb", "x.mat"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_an_hdf5_file_cut_short_is_damaged(name, share, folder, refusal_here):
    whole = hdf(folder, lambda file: file.create_dataset("rate_hz", data=np.ones((300, 30)))).read_bytes()
    (folder / name).write_bytes(whole[: int(share * len(whole))])
    assert "damaged or cut short" in refusal_here(folder / name)


def test_flipped_bits_never_crash_the_reader(folder, one_sentence):
    """The library's own parser meets garbage in the child only; whatever it does, there is a recording or one sentence."""
    from spikedash.params import InputError

    whole = hdf(folder, lambda file: file.create_dataset("rate_hz", data=RATES, compression="gzip")).read_bytes()
    rng = np.random.default_rng(9)
    for _ in range(6):
        broken = bytearray(whole)
        for at in rng.integers(8, len(whole), 40):
            broken[at] ^= int(rng.integers(1, 256))
        (folder / "y.h5").write_bytes(bytes(broken))
        message = "y.h5: fine."
        try:
            read(folder / "y.h5")
        except InputError as error:
            message = str(error)
        assert one_sentence(message), message


def zipped():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rate_hz.npy", b"\0" * 10**7)
    return file.getvalue()


def mat(**variables):
    file = io.BytesIO()
    savemat(file, variables)
    return file.getvalue()


def packed(inner, declared=None):
    """A compressed element; `declared` lies about the size of what is in it."""
    if declared is not None:
        inner = inner[:4] + struct.pack("<I", declared) + inner[8:]
    squeezed = zlib.compress(inner)
    return struct.pack("<II", 15, len(squeezed)) + squeezed


def matrix(kind, shape, parts=b"", name=b"x"):
    """An array element of MATLAB 5 of any class."""
    flags = struct.pack("<IIII", 6, 8, kind, 0)
    dims = struct.pack(f"<II{len(shape)}i", 5, 4 * len(shape), *shape)
    dims += b"\0" * (-len(dims) % 8)
    called = struct.pack("<II", 1, len(name)) + name.ljust(-(-len(name) // 8) * 8, b"\0")
    body = flags + dims + called + parts
    return struct.pack("<II", 14, len(body)) + body


HEAD = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"
GOOD = mat(rate_hz=RATES, time_s=TIMES)
OBJECT = matrix(3, (1, 1), struct.pack("<II", 1, 8) + b"evilobj\0" + struct.pack("<IIII", 5, 4, 1, 0))
FUNCTION = matrix(16, (1, 1), matrix(1, (1, 1), struct.pack("<II", 1, 8) + b"system()"))
OPAQUE = matrix(17, (1, 1), struct.pack("<II", 1, 8) + b"MCOS    ")
MATLAB = {
    "zip bomb called mat": ("x.mat", zipped, ("no MATLAB file", "-v7.3"), False),
    "zip bomb called nwb": ("x.nwb", zipped, ("the content is a ZIP archive",), False),
    "pickle called mat": ("x.mat", lambda: b"\x80\x04\x95" + b"x" * 600, ("Python pickle, which is never opened",), False),
    "text called nwb": ("x.nwb", lambda: b"time_s,a\n0,1\n", ("no HDF5 file",), False),
    "version 4": (
        "x.mat",
        lambda: struct.pack("<5I", 0, 2, 2, 0, 2) + b"a\0" + b"\0" * 99,
        ("no MATLAB file of version 5",),
        False,
    ),
    "words of 7.3 without HDF5": ("x.mat", lambda: b"MATLAB 7.3 MAT-file".ljust(600), ("holds no HDF5 part",), False),
    "header only": ("x.mat", lambda: b"MATLAB 5.0 MAT-file", ("damaged or cut short",), False),
    "no variables": ("x.mat", lambda: HEAD, ("no variables of numbers",), False),
    "cut short": ("x.mat", lambda: GOOD[:-60], ("damaged or cut short",), False),
    "object": ("x.mat", lambda: HEAD + OBJECT, ("x (object)",), True),
    "function handle": ("x.mat", lambda: HEAD + FUNCTION, ("x (function)",), True),
    "opaque object": ("x.mat", lambda: HEAD + OPAQUE, ("(opaque)", "damaged"), True),
    "function handle as rates": (
        "x.mat",
        lambda: GOOD + matrix(1, (1, 1), FUNCTION, name=b"spikes"),
        (),
        True,
    ),
    "declares 16 GB": ("x.mat", lambda: mat(time_s=TIMES) + matrix(6, (10, 2**27)), ("above the limit of 5,000",), True),
    "cell of a billion": ("x.mat", lambda: HEAD + matrix(1, (2**15, 2**15)), ("more than 1,000,000 cells",), True),
    "compressed bomb": (
        "x.mat",
        lambda: HEAD + packed(matrix(6, (5 * 10**6, 1), struct.pack("<II", 9, 4 * 10**7) + b"\0" * 4 * 10**7)),
        ("times its size, so it holds no recording",),
        True,
    ),
    "unpacks to 3 GB": ("x.mat", lambda: HEAD + packed(matrix(6, (10, 1)), 3 * 2**30), ("unpacks to 3,072 MB",), False),
    "lies about its size": ("x.mat", lambda: HEAD + packed(matrix(6, (10**6, 3), name=b"rate_hz"), 100), ("",), True),
    "compressed garbage": ("x.mat", lambda: HEAD + struct.pack("<II", 15, 600) + b"z" * 600, ("damaged or cut short",), False),
    "garbage": ("x.mat", lambda: HEAD + np.random.default_rng(1).bytes(5000), ("damaged or cut short",), False),
}


@pytest.mark.parametrize("case", MATLAB)
def test_a_hostile_matlab_file_is_refused_in_one_sentence(case, tmp_path, refusal, refusal_here):
    name, content, words, dangerous = MATLAB[case]
    (tmp_path / name).write_bytes(content())
    if case == "function handle as rates":
        assert read(tmp_path / name).rate_hz.shape == (10, 3)  # left out, never called
        return
    message = (refusal if dangerous else refusal_here)(tmp_path / name)
    assert any(word in message for word in words), message


def test_a_family_driver_is_not_followed(folder, refusal_here):
    """The library could be told inside a file to go on in others; it opens this one only as it is."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fapl_family(2**16, h5p.create(h5p.FILE_ACCESS))
    h5f.create(os.fsencode(folder / "part%d.h5"), h5f.ACC_TRUNC, fapl=access).close()
    assert "damaged" in refusal_here(folder / "part0.h5")
