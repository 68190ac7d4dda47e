import sys
from collections.abc import Mapping

import pytest

from simulator.errors import ConfigError, FairweatherError
from simulator.registry import Family, titles_in_source


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "zoo_for_the_registry"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "tiger.py").write_text("ANIMAL = 'striped'\n")
    (folder / "import_.py").write_text("ANIMAL = 'named like a keyword'\n")
    (folder / "bear.py").write_text("ANIMAL = 'brown'\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [n for n in sys.modules if n.startswith(folder.name)]:
        del sys.modules[name]


def family(package):
    return Family(package.name, "ANIMAL", str, "animal")


def test_a_file_in_the_folder_is_a_member_under_its_own_name(package):
    assert dict(family(package)) == {
        "bear": "brown",
        "import": "named like a keyword",
        "tiger": "striped",
    }


def test_members_come_in_the_order_of_their_names(package):
    assert list(family(package)) == ["bear", "import", "tiger"]


def test_a_family_is_a_read_only_mapping(package):
    members = family(package)
    assert isinstance(members, Mapping)
    with pytest.raises(TypeError):
        members["lion"] = "maned"


def test_no_member_is_imported_before_somebody_looks(package):
    members = family(package)
    assert f"{package.name}.tiger" not in sys.modules
    assert "tiger" in members
    assert f"{package.name}.tiger" in sys.modules


def test_an_unknown_member_offers_the_nearest(package):
    with pytest.raises(ConfigError, match="no animal 'tigre'. Did you mean 'tiger'"):
        family(package)["tigre"]


@pytest.mark.parametrize("text", ["", "ANIMAL = 3\n"])
def test_a_module_without_the_constant_is_named(package, text):
    (package / "stray.py").write_text(text)
    with pytest.raises(FairweatherError, match=r"zoo_for_the_registry\.stray must define ANIMAL"):
        len(family(package))


def test_titles_are_read_from_the_source_without_importing_it(package):
    (package / "bear.py").write_text("import torch_is_not_here\nX = plot(title=1)\n")
    (package / "tiger.py").write_text('"""Not this."""\nANIMAL: A = Animal(title="big cat")\n')
    (package / "import_.py").write_text('"""Named like a keyword.\n\nMore."""\nANIMAL = "x"\n')
    assert titles_in_source(package.name) == {
        "bear": "1",
        "import": "Named like a keyword.",
        "tiger": "big cat",
    }
    assert f"{package.name}.tiger" not in sys.modules
